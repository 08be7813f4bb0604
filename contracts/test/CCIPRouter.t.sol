// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IAny2EVMMessageReceiver} from "@chainlink/contracts-ccip/contracts/interfaces/IAny2EVMMessageReceiver.sol";
import {IRouterClient} from "@chainlink/contracts-ccip/contracts/interfaces/IRouterClient.sol";
import {Client} from "@chainlink/contracts-ccip/contracts/libraries/Client.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {CCIPRouter} from "../src/CCIPRouter.sol";
import {Test} from "./Test.sol";

contract CCIPRouterTest is Test, IAny2EVMMessageReceiver {
    uint64 private constant HERE = 138;
    uint64 private constant THERE = 5009297550715157269;

    CCIPRouter private router;
    address private constant owner = address(0x0123);
    address private constant relayer = address(0x4567);
    bool private refuses;
    uint256 private received;

    function setUp() public {
        router = new CCIPRouter(owner, HERE);
        vm.startPrank(owner);
        router.setLane(THERE, CCIPRouter.Lane({open: true, baseFee: 1000, feePerByte: 10}));
        router.setRelayer(relayer, true);
        vm.stopPrank();
        vm.deal(address(this), 1 ether);
    }

    function ccipReceive(Client.Any2EVMMessage calldata) external {
        require(!refuses, "not now");
        ++received;
    }

    function outgoing(bytes memory data) private view returns (Client.EVM2AnyMessage memory message) {
        message.receiver = abi.encode(address(this));
        message.data = data;
    }

    function incoming(bytes32 id) private view returns (Client.Any2EVMMessage memory message) {
        message.messageId = id;
        message.sourceChainSelector = THERE;
        message.sender = abi.encode(address(this));
    }

    function test_belongsToTheGivenOwnerAndNotToItsCreator() public {
        assertEq(router.owner(), owner);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, address(this)));
        router.setRelayer(address(this), true);
    }

    function testFuzz_chargesByTheByte(uint8 length) public view {
        assertEq(router.getFee(THERE, outgoing(new bytes(length))), 1000 + 10 * uint256(length));
    }

    function test_tellsAMessageAsAnEventWithAnIdOfItsOwn() public {
        Client.EVM2AnyMessage memory message = outgoing("hello");
        vm.recordLogs();
        bytes32 first = router.ccipSend{value: 1050}(THERE, message);
        bytes32 second = router.ccipSend{value: 1050}(THERE, message);
        assertTrue(first != second);
        assertEq(vm.getRecordedLogs()[0].topics[1], first);
        assertEq(router.sentCount(THERE), 2);
    }

    function test_refusesTooSmallAFee() public {
        vm.expectRevert(IRouterClient.InsufficientFeeTokenAmount.selector);
        router.ccipSend{value: 1049}(THERE, outgoing("hello"));
    }

    function test_refusesALaneThatIsNotOpen() public {
        assertTrue(!router.isChainSupported(1));
        vm.expectRevert(abi.encodeWithSelector(IRouterClient.UnsupportedDestinationChain.selector, 1));
        router.ccipSend(1, outgoing(""));
    }

    function test_refusesTokensAndFeeTokens() public {
        Client.EVM2AnyMessage memory message = outgoing("");
        message.feeToken = address(1);
        vm.expectRevert(abi.encodeWithSelector(CCIPRouter.UnsupportedFeeToken.selector, address(1)));
        router.getFee(THERE, message);

        message.feeToken = address(0);
        message.tokenAmounts = new Client.EVMTokenAmount[](2);
        vm.expectRevert(abi.encodeWithSelector(CCIPRouter.TokensNotCarried.selector, 2));
        router.getFee(THERE, message);
    }

    function test_hasNoLaneToItself() public {
        vm.expectRevert(abi.encodeWithSelector(CCIPRouter.OwnChain.selector, HERE));
        vm.prank(owner);
        router.setLane(HERE, CCIPRouter.Lane(true, 0, 0));
    }

    function test_deliversAMessageOnce() public {
        vm.startPrank(relayer);
        router.deliver(incoming("id"), this, 100_000);
        vm.expectRevert(abi.encodeWithSelector(CCIPRouter.AlreadyDelivered.selector, bytes32("id")));
        router.deliver(incoming("id"), this, 100_000);
        vm.stopPrank();
        assertEq(received, 1);
    }

    function test_aReceiverThatRefusesCanBeTriedAgain() public {
        refuses = true;
        vm.expectRevert("not now");
        vm.prank(relayer);
        router.deliver(incoming("id"), this, 100_000);

        refuses = false;
        vm.prank(relayer);
        router.deliver(incoming("id"), this, 100_000);
        assertEq(received, 1);
    }

    function test_onlyARelayerDelivers() public {
        vm.expectRevert(abi.encodeWithSelector(CCIPRouter.NotRelayer.selector, address(this)));
        router.deliver(incoming("id"), this, 100_000);
    }

    function test_deliversFromOpenLanesOnly() public {
        Client.Any2EVMMessage memory message = incoming("id");
        message.sourceChainSelector = 7;
        vm.expectRevert(abi.encodeWithSelector(CCIPRouter.UnsupportedSourceChain.selector, 7));
        vm.prank(relayer);
        router.deliver(message, this, 100_000);
    }

    function test_theOwnerWithdrawsTheFees() public {
        router.ccipSend{value: 5000}(THERE, outgoing(""));
        vm.prank(owner);
        router.withdrawFees(payable(owner), 5000);
        assertEq(owner.balance, 5000);
    }
}
