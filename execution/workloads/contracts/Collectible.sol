// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title Collectible
/// @notice A mint of numbered tokens: one counter that every mint moves on.
contract Collectible {
    uint256 public minted;
    mapping(uint256 id => address) public ownerOf;
    mapping(address => uint256) public balanceOf;

    event Transfer(address indexed from, address indexed to, uint256 indexed id);

    function mint() external returns (uint256 id) {
        id = ++minted;
        ownerOf[id] = msg.sender;
        balanceOf[msg.sender]++;
        emit Transfer(address(0), msg.sender, id);
    }
}
