// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

/// @title Registry
/// @notice Addresses by name.
contract Registry is Ownable {
    /// @notice Where readers find a Multicall3.
    address public immutable multicall;

    mapping(string name => address) public entries;

    event EntrySet(string name, address entry);

    error NoEntry(string name);

    constructor(address owner, address multicall_) Ownable(owner) {
        multicall = multicall_;
    }

    function set(string calldata name, address entry) external onlyOwner {
        if (entry == address(0)) revert NoEntry(name);
        entries[name] = entry;
        emit EntrySet(name, entry);
    }
}
