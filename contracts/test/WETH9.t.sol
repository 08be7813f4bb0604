// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {WETH9} from "../src/WETH9.sol";
import {Test} from "./Test.sol";

contract WETH9Test is Test {
    WETH9 private weth = new WETH9();
    address private constant alice = address(0xa11ce);
    address private constant bob = address(0xb0b);

    function setUp() public {
        vm.deal(alice, 10 ether);
        vm.prank(alice);
        weth.deposit{value: 4 ether}();
    }

    function test_namesItself() public view {
        assertEq(weth.name(), "Wrapped Ether");
        assertEq(weth.symbol(), "WETH");
        assertEq(weth.decimals(), 18);
    }

    function testFuzz_wrapsAndUnwrapsTheSameAmount(uint96 amount) public {
        vm.deal(bob, amount);
        vm.startPrank(bob);
        weth.deposit{value: amount}();
        assertEq(weth.balanceOf(bob), amount);
        assertEq(weth.totalSupply(), uint256(amount) + 4 ether);
        weth.withdraw(amount);
        vm.stopPrank();
        assertEq(bob.balance, amount);
        assertEq(weth.balanceOf(bob), 0);
        assertEq(weth.totalSupply(), 4 ether);
    }

    function test_wrapsEtherThatIsJustSent() public {
        vm.expectEmit(address(weth));
        emit WETH9.Deposit(alice, 1 ether);
        vm.prank(alice);
        (bool sent,) = address(weth).call{value: 1 ether}("");
        assertTrue(sent);
        assertEq(weth.balanceOf(alice), 5 ether);
    }

    function testFuzz_transfersMoveAndNeverMake(uint96 amount) public {
        uint256 moved = uint256(amount) % (4 ether + 1);
        vm.prank(alice);
        assertTrue(weth.transfer(bob, moved));
        assertEq(weth.balanceOf(alice) + weth.balanceOf(bob), 4 ether);
        assertEq(weth.balanceOf(bob), moved);
    }

    function test_aTransferToOneselfChangesNothing() public {
        vm.prank(alice);
        weth.transfer(alice, 3 ether);
        assertEq(weth.balanceOf(alice), 4 ether);
    }

    function test_refusesToMoveMoreThanTheBalance() public {
        vm.expectRevert(abi.encodeWithSelector(WETH9.InsufficientBalance.selector, alice, 4 ether, 5 ether));
        vm.prank(alice);
        weth.transfer(bob, 5 ether);
    }

    function test_anAllowanceIsUsedUp() public {
        vm.prank(alice);
        weth.approve(bob, 3 ether);
        vm.startPrank(bob);
        weth.transferFrom(alice, bob, 2 ether);
        assertEq(weth.allowance(alice, bob), 1 ether);
        vm.expectRevert(abi.encodeWithSelector(WETH9.InsufficientAllowance.selector, alice, bob, 1 ether, 2 ether));
        weth.transferFrom(alice, bob, 2 ether);
        vm.stopPrank();
    }

    function test_theLargestAllowanceIsNotUsedUp() public {
        vm.prank(alice);
        weth.approve(bob, type(uint256).max);
        vm.prank(bob);
        weth.transferFrom(alice, bob, 2 ether);
        assertEq(weth.allowance(alice, bob), type(uint256).max);
    }

    function test_anUnknownFunctionIsNoDeposit() public {
        (bool done,) = address(weth).call(abi.encodeWithSignature("permit(address)", alice));
        assertTrue(!done);
    }

    function test_tellsWhenTheEtherCannotBeSent() public {
        NoEther holder = new NoEther();
        vm.deal(address(holder), 1 ether);
        vm.expectRevert(abi.encodeWithSelector(WETH9.SendFailed.selector, address(holder)));
        holder.wrapAndUnwrap(weth);
    }
}

/// @dev Takes no ether.
contract NoEther {
    function wrapAndUnwrap(WETH9 weth) external {
        weth.deposit{value: 1 ether}();
        weth.withdraw(1 ether);
    }
}
