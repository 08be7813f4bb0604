// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {CCIPReceiver} from "@chainlink/contracts-ccip/contracts/applications/CCIPReceiver.sol";
import {IRouterClient} from "@chainlink/contracts-ccip/contracts/interfaces/IRouterClient.sol";
import {Client} from "@chainlink/contracts-ccip/contracts/libraries/Client.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";

/// @title LockReleaseBridge
/// @notice Locks a token here and has its peer on the other chain release as much there, by messages of the router.
/// @dev What is released was locked on this side earlier, or given by a plain transfer as first liquidity. Nobody,
/// the owner included, can take tokens out in another way.
abstract contract LockReleaseBridge is CCIPReceiver, Ownable2Step {
    using SafeERC20 for IERC20;

    /// @dev Enough for one release to an unused account, with room for a hundred percent of repricing.
    uint256 internal constant DELIVERY_GAS = 200_000;

    IERC20 public immutable token;

    mapping(uint64 chainSelector => address) public peers;
    mapping(bytes32 messageId => bool) public isReleased;

    event PeerSet(uint64 indexed chainSelector, address indexed peer);
    event Locked(
        bytes32 indexed messageId, address indexed from, address indexed to, uint64 destination, uint256 amount
    );
    event Released(bytes32 indexed messageId, address indexed to, uint64 source, uint256 amount);

    error NoPeer(uint64 chainSelector);
    error NotPeer(uint64 chainSelector, bytes sender);
    error AlreadyReleased(bytes32 messageId);
    error NoRecipient();
    error NothingToBridge();
    error FeeNotCovered(uint256 needed, uint256 given);

    constructor(address owner, address router, IERC20 token_) CCIPReceiver(router) Ownable(owner) {
        token = token_;
    }

    /// @notice Names the bridge on another chain; the zero address closes the way there and back.
    function setPeer(uint64 chainSelector, address peer) external onlyOwner {
        peers[chainSelector] = peer;
        emit PeerSet(chainSelector, peer);
    }

    /// @notice The router's price, in the native coin, for bridging `amount` to `to`.
    function quote(uint64 destination, address to, uint256 amount) external view returns (uint256) {
        return IRouterClient(getRouter()).getFee(destination, _message(destination, to, amount));
    }

    /// @notice Locks `amount` of the caller's tokens; value above the router's fee comes back.
    function bridge(uint64 destination, address to, uint256 amount) public payable returns (bytes32 messageId) {
        if (to == address(0)) revert NoRecipient();
        if (amount == 0) revert NothingToBridge();
        token.safeTransferFrom(msg.sender, address(this), amount);
        messageId = _send(destination, _message(destination, to, amount));
        emit Locked(messageId, msg.sender, to, destination, amount);
    }

    function _send(uint64 destination, Client.EVM2AnyMessage memory message) private returns (bytes32 messageId) {
        IRouterClient router = IRouterClient(getRouter());
        uint256 fee = router.getFee(destination, message);
        if (msg.value < fee) revert FeeNotCovered(fee, msg.value);
        messageId = router.ccipSend{value: fee}(destination, message);
        if (msg.value > fee) Address.sendValue(payable(msg.sender), msg.value - fee);
    }

    function _message(uint64 destination, address to, uint256 amount)
        private
        view
        returns (Client.EVM2AnyMessage memory)
    {
        address peer = peers[destination];
        if (peer == address(0)) revert NoPeer(destination);
        return Client.EVM2AnyMessage({
            receiver: abi.encode(peer),
            data: abi.encode(to, amount),
            tokenAmounts: new Client.EVMTokenAmount[](0),
            feeToken: address(0),
            extraArgs: Client._argsToBytes(Client.EVMExtraArgsV1({gasLimit: DELIVERY_GAS}))
        });
    }

    function _ccipReceive(Client.Any2EVMMessage memory message) internal override {
        address peer = peers[message.sourceChainSelector];
        if (peer == address(0) || keccak256(message.sender) != keccak256(abi.encode(peer))) {
            revert NotPeer(message.sourceChainSelector, message.sender);
        }
        if (isReleased[message.messageId]) revert AlreadyReleased(message.messageId);
        isReleased[message.messageId] = true;
        (address to, uint256 amount) = abi.decode(message.data, (address, uint256));
        emit Released(message.messageId, to, message.sourceChainSelector, amount);
        token.safeTransfer(to, amount);
    }
}
