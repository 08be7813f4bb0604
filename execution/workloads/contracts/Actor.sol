// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title Actor
/// @notice Keeps, for each actor, a hash over all its calls: each call depends on the actor's last one, and on no other.
contract Actor {
    mapping(uint256 actor => bytes32) public history;

    function act(uint256 actor, bytes32 what, uint256 rounds) external {
        bytes32 hash = keccak256(abi.encode(history[actor], what));
        for (uint256 round = 0; round < rounds; round++) {
            hash = keccak256(abi.encode(hash, round));
        }
        history[actor] = hash;
    }
}
