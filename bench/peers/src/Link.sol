// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// One of a chain: its constructor calls the one before, so that it can only come after it.
contract Link {
    uint256 public immutable depth;

    constructor(Link before) {
        depth = address(before) == address(0) ? 1 : before.depth() + 1;
    }
}
