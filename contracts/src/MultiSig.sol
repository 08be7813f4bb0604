// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";

/// @title MultiSig
/// @notice Holds funds and rights that several owners use together: one proposes, enough confirm, anyone executes.
/// @dev The set of owners changes by a call of the wallet to itself, so it needs the same confirmations. Confirmations
/// of accounts that are no owners any more do not count.
contract MultiSig is ReentrancyGuard {
    struct Proposal {
        address to;
        bool executed;
        uint256 value;
        bytes data;
    }

    uint256 public threshold;
    address[] private _owners;
    Proposal[] private _proposals;
    mapping(address => bool) public isOwner;
    mapping(uint256 id => mapping(address owner => bool)) public isConfirmed;

    event OwnersSet(address[] owners, uint256 threshold);
    event Proposed(uint256 indexed id, address indexed owner, address indexed to, uint256 value, bytes data);
    event Confirmed(uint256 indexed id, address indexed owner);
    event Revoked(uint256 indexed id, address indexed owner);
    event Executed(uint256 indexed id, bytes result);
    event Received(address indexed from, uint256 value);

    error NotOwner(address caller);
    error OnlyItself(address caller);
    error InvalidOwner(address owner);
    error InvalidThreshold(uint256 threshold, uint256 owners);
    error NoSuchProposal(uint256 id);
    error AlreadyExecuted(uint256 id);
    error NotEnoughConfirmations(uint256 id, uint256 confirmations, uint256 needed);

    modifier onlyOwner() {
        if (!isOwner[msg.sender]) revert NotOwner(msg.sender);
        _;
    }

    modifier open(uint256 id) {
        if (id >= _proposals.length) revert NoSuchProposal(id);
        if (_proposals[id].executed) revert AlreadyExecuted(id);
        _;
    }

    constructor(address[] memory owners_, uint256 threshold_) {
        _setOwners(owners_, threshold_);
    }

    receive() external payable {
        emit Received(msg.sender, msg.value);
    }

    /// @notice Proposes a call and confirms it for the caller.
    function propose(address to, uint256 value, bytes calldata data) external onlyOwner returns (uint256 id) {
        id = _proposals.length;
        _proposals.push(Proposal({to: to, executed: false, value: value, data: data}));
        emit Proposed(id, msg.sender, to, value, data);
        confirm(id);
    }

    function confirm(uint256 id) public onlyOwner open(id) {
        isConfirmed[id][msg.sender] = true;
        emit Confirmed(id, msg.sender);
    }

    function revoke(uint256 id) external onlyOwner open(id) {
        isConfirmed[id][msg.sender] = false;
        emit Revoked(id, msg.sender);
    }

    /// @notice Makes the call; a call that reverts passes its reason on and may be tried again.
    function execute(uint256 id) external nonReentrant open(id) returns (bytes memory result) {
        uint256 count = confirmations(id);
        if (count < threshold) revert NotEnoughConfirmations(id, count, threshold);
        Proposal storage proposal = _proposals[id];
        proposal.executed = true;
        result = proposal.data.length == 0
            ? _pay(payable(proposal.to), proposal.value)
            : Address.functionCallWithValue(proposal.to, proposal.data, proposal.value);
        emit Executed(id, result);
    }

    /// @notice Replaces all owners and the threshold; only by an executed proposal to this wallet itself.
    function setOwners(address[] calldata owners_, uint256 threshold_) external {
        if (msg.sender != address(this)) revert OnlyItself(msg.sender);
        for (uint256 i; i < _owners.length; ++i) {
            isOwner[_owners[i]] = false;
        }
        _setOwners(owners_, threshold_);
    }

    /// @notice How many of today's owners have confirmed.
    function confirmations(uint256 id) public view returns (uint256 count) {
        for (uint256 i; i < _owners.length; ++i) {
            if (isConfirmed[id][_owners[i]]) ++count;
        }
    }

    function owners() external view returns (address[] memory) {
        return _owners;
    }

    function proposals(uint256 id) external view returns (Proposal memory) {
        if (id >= _proposals.length) revert NoSuchProposal(id);
        return _proposals[id];
    }

    function _pay(address payable to, uint256 value) private returns (bytes memory) {
        Address.sendValue(to, value);
        return "";
    }

    function _setOwners(address[] memory owners_, uint256 threshold_) private {
        if (threshold_ == 0 || threshold_ > owners_.length) revert InvalidThreshold(threshold_, owners_.length);
        for (uint256 i; i < owners_.length; ++i) {
            address owner = owners_[i];
            if (owner == address(0) || owner == address(this) || isOwner[owner]) revert InvalidOwner(owner);
            isOwner[owner] = true;
        }
        _owners = owners_;
        threshold = threshold_;
        emit OwnersSet(owners_, threshold_);
    }
}
