// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC3156FlashBorrower} from "@openzeppelin/contracts/interfaces/IERC3156FlashBorrower.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {ERC20FlashMint} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20FlashMint.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {WETH10} from "../src/WETH10.sol";
import {Test} from "./Test.sol";

contract WETH10Test is Test {
    WETH10 private weth = new WETH10();
    uint256 private constant aliceKey = 0xa11ce;
    address private alice = vm.addr(aliceKey);
    address payable private constant bob = payable(address(0xb0b));

    function setUp() public {
        vm.deal(alice, 10 ether);
        vm.prank(alice);
        weth.deposit{value: 4 ether}();
    }

    function test_namesItself() public view {
        assertEq(weth.name(), "Wrapped Ether v10");
        assertEq(weth.symbol(), "WETH10");
    }

    function testFuzz_everyTokenIsBackedByEther(uint96 wrapped, uint96 unwrapped) public {
        uint256 out = uint256(unwrapped) % (uint256(wrapped) + 1);
        vm.deal(bob, wrapped);
        vm.startPrank(bob);
        weth.deposit{value: wrapped}();
        weth.withdraw(out);
        vm.stopPrank();
        assertEq(weth.totalSupply(), address(weth).balance);
        assertEq(weth.balanceOf(bob), wrapped - out);
        assertEq(bob.balance, out);
    }

    function test_wrapsForSomebodyElse() public {
        vm.prank(alice);
        weth.depositTo{value: 1 ether}(bob);
        assertEq(weth.balanceOf(bob), 1 ether);
    }

    function test_unwrapsToSomebodyElse() public {
        vm.prank(alice);
        weth.withdrawTo(bob, 1 ether);
        assertEq(bob.balance, 1 ether);
        assertEq(weth.balanceOf(alice), 3 ether);
    }

    function test_unwrapsFromAnAllowanceOnly() public {
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, bob, 0, 1 ether));
        weth.withdrawFrom(alice, bob, 1 ether);

        vm.prank(alice);
        weth.approve(bob, 1 ether);
        vm.prank(bob);
        weth.withdrawFrom(alice, bob, 1 ether);
        assertEq(bob.balance, 1 ether);
        assertEq(weth.allowance(alice, bob), 0);
    }

    function test_aPermitGivesAnAllowanceOnce() public {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(aliceKey, permitDigest(2 ether, 0, block.timestamp));
        weth.permit(alice, bob, 2 ether, block.timestamp, v, r, s);
        assertEq(weth.allowance(alice, bob), 2 ether);

        vm.expectPartialRevert(ERC20Permit.ERC2612InvalidSigner.selector);
        weth.permit(alice, bob, 2 ether, block.timestamp, v, r, s);
    }

    function test_aPermitExpires() public {
        uint256 deadline = block.timestamp;
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(aliceKey, permitDigest(2 ether, 0, deadline));
        vm.warp(deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(ERC20Permit.ERC2612ExpiredSignature.selector, deadline));
        weth.permit(alice, bob, 2 ether, deadline, v, r, s);
    }

    function test_aFlashMintIsFreeAndGoneAfterwards() public {
        Borrower borrower = new Borrower(weth, true);
        assertEq(weth.flashFee(address(weth), 1_000 ether), 0);
        weth.flashLoan(borrower, address(weth), 1_000 ether, "");
        assertEq(borrower.seen(), 1_000 ether);
        assertEq(weth.totalSupply(), 4 ether);
    }

    function test_aFlashMintThatIsNotAllowedBackReverts() public {
        Borrower borrower = new Borrower(weth, false);
        vm.expectPartialRevert(IERC20Errors.ERC20InsufficientAllowance.selector);
        weth.flashLoan(borrower, address(weth), 1 ether, "");
    }

    function test_theSupplyStaysUnderTheLimit() public {
        uint256 most = uint256(type(uint112).max) - 4 ether;
        assertEq(weth.maxFlashLoan(address(weth)), most);
        assertEq(weth.maxFlashLoan(address(this)), 0);
        Borrower borrower = new Borrower(weth, true);
        vm.expectRevert(abi.encodeWithSelector(ERC20FlashMint.ERC3156ExceededMaxLoan.selector, most));
        weth.flashLoan(borrower, address(weth), most + 1, "");
    }

    function permitDigest(uint256 value, uint256 nonce, uint256 deadline) private view returns (bytes32) {
        bytes32 typeHash =
            keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
        bytes32 structHash = keccak256(abi.encode(typeHash, alice, bob, value, nonce, deadline));
        return keccak256(abi.encodePacked(hex"1901", weth.DOMAIN_SEPARATOR(), structHash));
    }
}

contract Borrower is IERC3156FlashBorrower {
    WETH10 private immutable weth;
    bool private immutable paysBack;
    uint256 public seen;

    constructor(WETH10 weth_, bool paysBack_) {
        weth = weth_;
        paysBack = paysBack_;
    }

    function onFlashLoan(address, address, uint256 amount, uint256 fee, bytes calldata) external returns (bytes32) {
        seen = weth.balanceOf(address(this));
        if (paysBack) weth.approve(address(weth), amount + fee);
        return keccak256("ERC3156FlashBorrower.onFlashLoan");
    }
}
