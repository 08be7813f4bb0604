// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {MultiSig} from "../src/MultiSig.sol";
import {WETH9} from "../src/WETH9.sol";
import {Test} from "./Test.sol";

contract MultiSigTest is Test {
    MultiSig private wallet;
    WETH9 private weth = new WETH9();
    address private constant ann = address(0xa1);
    address private constant ben = address(0xb2);
    address private constant cem = address(0xc3);
    address private constant dora = address(0xd4);

    function setUp() public {
        wallet = new MultiSig(threeOwners(), 2);
        vm.deal(address(wallet), 3 ether);
    }

    function threeOwners() private pure returns (address[] memory owners) {
        owners = new address[](3);
        (owners[0], owners[1], owners[2]) = (ann, ben, cem);
    }

    function propose(address by, address to, uint256 value, bytes memory data) private returns (uint256) {
        vm.prank(by);
        return wallet.propose(to, value, data);
    }

    function confirm(address by, uint256 id) private {
        vm.prank(by);
        wallet.confirm(id);
    }

    function test_paysWhenEnoughOwnersAgree() public {
        uint256 id = propose(ann, dora, 1 ether, "");
        confirm(ben, id);
        wallet.execute(id);
        assertEq(dora.balance, 1 ether);
    }

    function test_callsAContractAndReturnsItsAnswer() public {
        uint256 id = propose(ann, address(weth), 2 ether, abi.encodeCall(weth.deposit, ()));
        confirm(cem, id);
        wallet.execute(id);
        assertEq(weth.balanceOf(address(wallet)), 2 ether);

        id = propose(ann, address(weth), 0, abi.encodeCall(weth.balanceOf, (address(wallet))));
        confirm(cem, id);
        assertEq(abi.decode(wallet.execute(id), (uint256)), 2 ether);
    }

    function test_waitsForEnoughConfirmations() public {
        uint256 id = propose(ann, dora, 1 ether, "");
        confirm(ann, id);
        vm.expectRevert(abi.encodeWithSelector(MultiSig.NotEnoughConfirmations.selector, id, 1, 2));
        wallet.execute(id);
    }

    function test_aConfirmationCanBeTakenBack() public {
        uint256 id = propose(ann, dora, 1 ether, "");
        confirm(ben, id);
        vm.prank(ben);
        wallet.revoke(id);
        vm.expectRevert(abi.encodeWithSelector(MultiSig.NotEnoughConfirmations.selector, id, 1, 2));
        wallet.execute(id);
    }

    function test_executesOnce() public {
        uint256 id = propose(ann, dora, 1 ether, "");
        confirm(ben, id);
        wallet.execute(id);
        vm.expectRevert(abi.encodeWithSelector(MultiSig.AlreadyExecuted.selector, id));
        wallet.execute(id);
    }

    function test_aCallThatRevertsCanBeTriedAgain() public {
        uint256 id = propose(ann, dora, 5 ether, "");
        confirm(ben, id);
        (bool done,) = address(wallet).call(abi.encodeCall(wallet.execute, (id)));
        assertTrue(!done);
        assertTrue(!wallet.proposals(id).executed);

        vm.deal(address(wallet), 5 ether);
        wallet.execute(id);
        assertEq(dora.balance, 5 ether);
    }

    function test_strangersHaveNoSay() public {
        vm.expectRevert(abi.encodeWithSelector(MultiSig.NotOwner.selector, dora));
        propose(dora, dora, 1 ether, "");
    }

    function test_ownersChangeOnlyByTheirOwnDecision() public {
        address[] memory next = new address[](2);
        (next[0], next[1]) = (cem, dora);
        vm.expectRevert(abi.encodeWithSelector(MultiSig.OnlyItself.selector, ann));
        vm.prank(ann);
        wallet.setOwners(next, 1);

        uint256 id = propose(ann, address(wallet), 0, abi.encodeCall(wallet.setOwners, (next, 2)));
        confirm(ben, id);
        wallet.execute(id);
        assertTrue(wallet.isOwner(dora) && wallet.isOwner(cem) && !wallet.isOwner(ann) && !wallet.isOwner(ben));
        assertEq(wallet.owners().length, 2);
    }

    function test_aFormerOwnersConfirmationDoesNotCount() public {
        uint256 payment = propose(ann, dora, 1 ether, "");
        confirm(ben, payment);
        address[] memory next = new address[](1);
        next[0] = cem;
        uint256 change = propose(ann, address(wallet), 0, abi.encodeCall(wallet.setOwners, (next, 1)));
        confirm(ben, change);
        wallet.execute(change);

        assertEq(wallet.confirmations(payment), 0);
        vm.expectRevert(abi.encodeWithSelector(MultiSig.NotEnoughConfirmations.selector, payment, 0, 1));
        wallet.execute(payment);
    }

    function test_refusesAThresholdThatCannotBeMet() public {
        vm.expectRevert(abi.encodeWithSelector(MultiSig.InvalidThreshold.selector, 4, 3));
        new MultiSig(threeOwners(), 4);
        vm.expectRevert(abi.encodeWithSelector(MultiSig.InvalidThreshold.selector, 0, 3));
        new MultiSig(threeOwners(), 0);
    }

    function test_refusesAnOwnerTwiceOrNobody() public {
        address[] memory owners = threeOwners();
        owners[2] = ann;
        vm.expectRevert(abi.encodeWithSelector(MultiSig.InvalidOwner.selector, ann));
        new MultiSig(owners, 1);
        owners[2] = address(0);
        vm.expectRevert(abi.encodeWithSelector(MultiSig.InvalidOwner.selector, address(0)));
        new MultiSig(owners, 1);
    }

    function test_tellsAProposalThatIsNotThere() public {
        vm.expectRevert(abi.encodeWithSelector(MultiSig.NoSuchProposal.selector, 3));
        wallet.execute(3);
    }
}
