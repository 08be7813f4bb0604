// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @notice The cheat codes of forge that these tests use.
interface Vm {
    struct Log {
        bytes32[] topics;
        bytes data;
        address emitter;
    }

    function addr(uint256 privateKey) external pure returns (address);
    function deal(address account, uint256 balance) external;
    function expectEmit() external;
    function expectEmit(address emitter) external;
    function expectPartialRevert(bytes4 selector) external;
    function expectRevert(bytes4 data) external;
    function expectRevert(bytes calldata data) external;
    function getRecordedLogs() external returns (Log[] memory);
    function prank(address sender) external;
    function recordLogs() external;
    function sign(uint256 privateKey, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function startPrank(address sender) external;
    function stopPrank() external;
    function warp(uint256 timestamp) external;
}

/// @notice What forge needs to run a test contract, and the few assertions that these tests need.
abstract contract Test {
    /// @dev forge looks for it to tell a test contract.
    bool public IS_TEST = true;

    /// @dev forge's well-known address: the low 20 bytes of keccak256("hevm cheat code").
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    error NotEqual(bytes is_, bytes expected);
    error NotTrue();

    function assertEq(uint256 a, uint256 b) internal pure {
        if (a != b) revert NotEqual(abi.encode(a), abi.encode(b));
    }

    function assertEq(int256 a, int256 b) internal pure {
        if (a != b) revert NotEqual(abi.encode(a), abi.encode(b));
    }

    function assertEq(address a, address b) internal pure {
        if (a != b) revert NotEqual(abi.encode(a), abi.encode(b));
    }

    function assertEq(bytes32 a, bytes32 b) internal pure {
        if (a != b) revert NotEqual(abi.encode(a), abi.encode(b));
    }

    function assertEq(string memory a, string memory b) internal pure {
        if (keccak256(bytes(a)) != keccak256(bytes(b))) revert NotEqual(bytes(a), bytes(b));
    }

    function assertTrue(bool condition) internal pure {
        if (!condition) revert NotTrue();
    }
}
