// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IAny2EVMMessageReceiver} from "@chainlink/contracts-ccip/contracts/interfaces/IAny2EVMMessageReceiver.sol";
import {IRouterClient} from "@chainlink/contracts-ccip/contracts/interfaces/IRouterClient.sol";
import {Client} from "@chainlink/contracts-ccip/contracts/libraries/Client.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";

/// @title CCIPRouter
/// @notice A router with CCIP's client interface for a private pair of chains. Messages leave as events; a relayer
/// that the owner trusts reads them and delivers them on the other chain. There is no oracle network behind it.
/// @dev Messages carry data, no tokens: the bridges lock and release tokens themselves.
contract CCIPRouter is IRouterClient, Ownable2Step {
    /// @notice The way to one other chain, with the price of a message in this chain's native coin.
    struct Lane {
        bool open;
        uint96 baseFee;
        uint96 feePerByte;
    }

    /// @notice This chain's own selector, as the other side names it.
    uint64 public immutable chainSelector;

    mapping(uint64 chainSelector => Lane) public lanes;
    mapping(uint64 chainSelector => uint64) public sentCount;
    mapping(address => bool) public isRelayer;
    mapping(bytes32 messageId => bool) public isDelivered;

    event LaneSet(uint64 indexed chainSelector, Lane lane);
    event RelayerSet(address indexed relayer, bool allowed);
    event FeesWithdrawn(address indexed to, uint256 amount);
    event MessageSent(
        bytes32 indexed messageId,
        uint64 indexed destinationChainSelector,
        address indexed sender,
        uint64 sequenceNumber,
        Client.EVM2AnyMessage message
    );
    event MessageDelivered(
        bytes32 indexed messageId, uint64 indexed sourceChainSelector, address indexed receiver, bytes sender
    );

    error OwnChain(uint64 chainSelector);
    error UnsupportedSourceChain(uint64 sourceChainSelector);
    error UnsupportedFeeToken(address feeToken);
    error TokensNotCarried(uint256 count);
    error NotRelayer(address caller);
    error AlreadyDelivered(bytes32 messageId);

    constructor(address owner, uint64 chainSelector_) Ownable(owner) {
        chainSelector = chainSelector_;
    }

    function setLane(uint64 otherChain, Lane calldata lane) external onlyOwner {
        if (otherChain == chainSelector) revert OwnChain(otherChain);
        lanes[otherChain] = lane;
        emit LaneSet(otherChain, lane);
    }

    function setRelayer(address relayer, bool allowed) external onlyOwner {
        isRelayer[relayer] = allowed;
        emit RelayerSet(relayer, allowed);
    }

    function withdrawFees(address payable to, uint256 amount) external onlyOwner {
        emit FeesWithdrawn(to, amount);
        Address.sendValue(to, amount);
    }

    /// @inheritdoc IRouterClient
    function isChainSupported(uint64 destChainSelector) public view returns (bool) {
        return lanes[destChainSelector].open;
    }

    /// @inheritdoc IRouterClient
    function getFee(uint64 destinationChainSelector, Client.EVM2AnyMessage memory message)
        public
        view
        returns (uint256)
    {
        Lane memory lane = lanes[destinationChainSelector];
        if (!lane.open) revert UnsupportedDestinationChain(destinationChainSelector);
        if (message.feeToken != address(0)) revert UnsupportedFeeToken(message.feeToken);
        if (message.tokenAmounts.length != 0) revert TokensNotCarried(message.tokenAmounts.length);
        return uint256(lane.baseFee) + uint256(lane.feePerByte) * message.data.length;
    }

    /// @inheritdoc IRouterClient
    function ccipSend(uint64 destinationChainSelector, Client.EVM2AnyMessage calldata message)
        external
        payable
        returns (bytes32 messageId)
    {
        if (msg.value < getFee(destinationChainSelector, message)) revert InsufficientFeeTokenAmount();
        uint64 sequenceNumber = ++sentCount[destinationChainSelector];
        messageId = keccak256(
            abi.encode(chainSelector, address(this), destinationChainSelector, sequenceNumber, msg.sender, message)
        );
        emit MessageSent(messageId, destinationChainSelector, msg.sender, sequenceNumber, message);
    }

    /// @notice Hands a message of another chain to its receiver, once. A receiver that reverts can be tried again.
    /// @param gasLimit gas that the receiver gets at most, so that it cannot burn the relayer's.
    function deliver(Client.Any2EVMMessage calldata message, IAny2EVMMessageReceiver receiver, uint256 gasLimit)
        external
    {
        if (!isRelayer[msg.sender]) revert NotRelayer(msg.sender);
        if (!lanes[message.sourceChainSelector].open) revert UnsupportedSourceChain(message.sourceChainSelector);
        if (isDelivered[message.messageId]) revert AlreadyDelivered(message.messageId);
        isDelivered[message.messageId] = true;
        emit MessageDelivered(message.messageId, message.sourceChainSelector, address(receiver), message.sender);
        receiver.ccipReceive{gas: gasLimit}(message);
    }
}
