// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Multicall3} from "../src/Multicall3.sol";
import {Multicall3 as Canonical} from "@chainlink/contracts/src/v0.8/vendor/multicall/ebd8b64/src/Multicall3.sol";
import {WETH9} from "../src/WETH9.sol";
import {Test} from "./Test.sol";

contract Multicall3Test is Test {
    Multicall3 private multicall = new Multicall3();
    WETH9 private weth = new WETH9();

    function call(bool allowFailure, bytes memory data) private view returns (Canonical.Call3 memory) {
        return Canonical.Call3(address(weth), allowFailure, data);
    }

    function test_answersInOrderAndKeepsAFailureApart() public {
        Canonical.Call3[] memory calls = new Canonical.Call3[](3);
        calls[0] = call(false, abi.encodeCall(weth.decimals, ()));
        calls[1] = call(true, abi.encodeCall(weth.withdraw, (1)));
        calls[2] = call(false, abi.encodeCall(weth.totalSupply, ()));

        Canonical.Result[] memory results = multicall.aggregate3(calls);

        assertEq(abi.decode(results[0].returnData, (uint8)), 18);
        assertTrue(!results[1].success);
        assertEq(abi.decode(results[2].returnData, (uint256)), 0);
    }

    function test_revertsAsAWholeWhenAFailureIsNotAllowed() public {
        Canonical.Call3[] memory calls = new Canonical.Call3[](1);
        calls[0] = call(false, abi.encodeCall(weth.withdraw, (1)));

        vm.expectRevert("Multicall3: call failed");
        multicall.aggregate3(calls);
    }
}
