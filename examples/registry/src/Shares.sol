// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title Shares
/// @notice A library with a deployment of its own.
library Shares {
    error NoParts();

    /// @notice An equal part of an amount, rounded down.
    function part(uint256 amount, uint256 parts) public pure returns (uint256) {
        if (parts == 0) revert NoParts();
        return amount / parts;
    }
}
