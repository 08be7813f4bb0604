// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {CCIPReceiver} from "@chainlink/contracts-ccip/contracts/applications/CCIPReceiver.sol";
import {IAny2EVMMessageReceiver} from "@chainlink/contracts-ccip/contracts/interfaces/IAny2EVMMessageReceiver.sol";
import {Client} from "@chainlink/contracts-ccip/contracts/libraries/Client.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {CCIPRouter} from "../src/CCIPRouter.sol";
import {CCIPWETH10Bridge} from "../src/CCIPWETH10Bridge.sol";
import {CCIPWETH9Bridge} from "../src/CCIPWETH9Bridge.sol";
import {WETH10} from "../src/WETH10.sol";
import {WETH9} from "../src/WETH9.sol";
import {LockReleaseBridge} from "../src/base/LockReleaseBridge.sol";
import {Test} from "./Test.sol";

/// @dev Both chains live in one EVM: a router, a token and a bridge each, and this contract as the relayer.
contract BridgesTest is Test {
    uint64 private constant NEAR = 138;
    uint64 private constant FAR = 1;
    uint256 private constant aliceKey = 0xa11ce;

    CCIPRouter private nearRouter = new CCIPRouter(address(this), NEAR);
    CCIPRouter private farRouter = new CCIPRouter(address(this), FAR);
    WETH9 private near9 = new WETH9();
    WETH9 private far9 = new WETH9();
    WETH10 private near10 = new WETH10();
    CCIPWETH9Bridge private nearBridge;
    CCIPWETH9Bridge private farBridge;
    CCIPWETH10Bridge private near10Bridge;
    address private alice = vm.addr(aliceKey);
    address private constant bob = address(0xb0b);

    function setUp() public {
        nearBridge = new CCIPWETH9Bridge(address(this), address(nearRouter), IERC20(address(near9)));
        farBridge = new CCIPWETH9Bridge(address(this), address(farRouter), IERC20(address(far9)));
        near10Bridge = new CCIPWETH10Bridge(address(this), address(nearRouter), IERC20(address(near10)));
        nearRouter.setLane(FAR, CCIPRouter.Lane({open: true, baseFee: 100, feePerByte: 0}));
        farRouter.setLane(NEAR, CCIPRouter.Lane({open: true, baseFee: 0, feePerByte: 0}));
        farRouter.setRelayer(address(this), true);
        nearBridge.setPeer(FAR, address(farBridge));
        near10Bridge.setPeer(FAR, address(farBridge));
        farBridge.setPeer(NEAR, address(nearBridge));

        vm.deal(alice, 10 ether);
        vm.startPrank(alice);
        near9.deposit{value: 2 ether}();
        near9.approve(address(nearBridge), type(uint256).max);
        near10.deposit{value: 2 ether}();
        vm.stopPrank();
        far9.deposit{value: 5 ether}();
        far9.transfer(address(farBridge), 5 ether);
    }

    receive() external payable {}

    /// @dev What an off-chain relayer does with a router's event.
    function relayed(address sender, bytes32 id, address to, uint256 amount)
        private
        pure
        returns (Client.Any2EVMMessage memory message)
    {
        message.messageId = id;
        message.sourceChainSelector = NEAR;
        message.sender = abi.encode(sender);
        message.data = abi.encode(to, amount);
    }

    function testFuzz_locksHereAndReleasesThere(uint64 amount) public {
        uint256 value = uint256(amount) % 2 ether + 1;
        vm.prank(alice);
        bytes32 id = nearBridge.bridge{value: 100}(FAR, bob, value);
        assertEq(near9.balanceOf(address(nearBridge)), value);

        farRouter.deliver(relayed(address(nearBridge), id, bob, value), farBridge, 200_000);
        assertEq(far9.balanceOf(bob), value);
        assertTrue(farBridge.isReleased(id));
    }

    function test_releasesWithTheGasThatItAsksFor() public {
        farRouter.deliver(relayed(address(nearBridge), "id", bob, 1 ether), farBridge, 200_000);
        assertEq(far9.balanceOf(bob), 1 ether);
    }

    function test_quotesTheRoutersFeeAndGivesTheRestBack() public {
        assertEq(nearBridge.quote(FAR, bob, 1), 100);
        uint256 before = alice.balance;
        vm.prank(alice);
        nearBridge.bridge{value: 1 ether}(FAR, bob, 1);
        assertEq(alice.balance, before - 100);
        assertEq(address(nearRouter).balance, 100);
    }

    function test_refusesAFeeThatIsNotCovered() public {
        vm.expectRevert(abi.encodeWithSelector(LockReleaseBridge.FeeNotCovered.selector, 100, 99));
        vm.prank(alice);
        nearBridge.bridge{value: 99}(FAR, bob, 1);
    }

    function test_refusesNothingAndNobody() public {
        vm.startPrank(alice);
        vm.expectRevert(LockReleaseBridge.NothingToBridge.selector);
        nearBridge.bridge{value: 100}(FAR, bob, 0);
        vm.expectRevert(LockReleaseBridge.NoRecipient.selector);
        nearBridge.bridge{value: 100}(FAR, address(0), 1);
        vm.expectRevert(abi.encodeWithSelector(LockReleaseBridge.NoPeer.selector, 7));
        nearBridge.bridge{value: 100}(7, bob, 1);
        vm.stopPrank();
    }

    function test_aMessageReleasesOnceEvenIfTheRouterRepeatsIt() public {
        Client.Any2EVMMessage memory message = relayed(address(nearBridge), "id", bob, 1 ether);
        vm.startPrank(address(farRouter));
        farBridge.ccipReceive(message);
        vm.expectRevert(abi.encodeWithSelector(LockReleaseBridge.AlreadyReleased.selector, bytes32("id")));
        farBridge.ccipReceive(message);
        vm.stopPrank();
        assertEq(far9.balanceOf(bob), 1 ether);
    }

    function test_onlyTheRouterIsHeard() public {
        vm.expectRevert(abi.encodeWithSelector(CCIPReceiver.InvalidRouter.selector, address(this)));
        farBridge.ccipReceive(relayed(address(nearBridge), "id", bob, 1 ether));
    }

    function test_onlyThePeerIsHeard() public {
        bytes memory stranger = abi.encode(address(0xbad));
        vm.expectRevert(abi.encodeWithSelector(LockReleaseBridge.NotPeer.selector, NEAR, stranger));
        farRouter.deliver(relayed(address(0xbad), "id", bob, 1 ether), farBridge, 200_000);
    }

    function test_aReleaseWithoutLiquidityCanBeTriedAgain() public {
        Client.Any2EVMMessage memory message = relayed(address(nearBridge), "id", bob, 6 ether);
        vm.expectRevert(
            abi.encodeWithSelector(WETH9.InsufficientBalance.selector, address(farBridge), 5 ether, 6 ether)
        );
        farRouter.deliver(message, farBridge, 200_000);

        far9.deposit{value: 1 ether}();
        far9.transfer(address(farBridge), 1 ether);
        farRouter.deliver(message, farBridge, 200_000);
        assertEq(far9.balanceOf(bob), 6 ether);
    }

    function test_aPermitSavesTheApproval() public {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(aliceKey, permitDigest(1 ether));
        vm.prank(alice);
        near10Bridge.bridgeWithPermit{value: 100}(FAR, bob, 1 ether, block.timestamp, v, r, s);
        assertEq(near10.balanceOf(address(near10Bridge)), 1 ether);
    }

    function test_aPermitThatSomebodyUsedBeforeDoesNotStopTheBridge() public {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(aliceKey, permitDigest(1 ether));
        near10.permit(alice, address(near10Bridge), 1 ether, block.timestamp, v, r, s);
        vm.prank(alice);
        near10Bridge.bridgeWithPermit{value: 100}(FAR, bob, 1 ether, block.timestamp, v, r, s);
        assertEq(near10.balanceOf(address(near10Bridge)), 1 ether);
    }

    function test_aWrongPermitGivesNoAllowance() public {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(aliceKey, permitDigest(2 ether));
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(near10Bridge), 0, 1 ether)
        );
        vm.prank(alice);
        near10Bridge.bridgeWithPermit{value: 100}(FAR, bob, 1 ether, block.timestamp, v, r, s);
    }

    function test_isAReceiverByItsInterface() public view {
        assertTrue(farBridge.supportsInterface(type(IAny2EVMMessageReceiver).interfaceId));
    }

    function permitDigest(uint256 value) private view returns (bytes32) {
        bytes32 typeHash =
            keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
        bytes32 structHash = keccak256(abi.encode(typeHash, alice, address(near10Bridge), value, 0, block.timestamp));
        return keccak256(abi.encodePacked(hex"1901", near10.DOMAIN_SEPARATOR(), structHash));
    }
}
