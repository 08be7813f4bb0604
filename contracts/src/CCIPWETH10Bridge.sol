// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {LockReleaseBridge} from "./base/LockReleaseBridge.sol";

/// @title CCIPWETH10Bridge
/// @notice Locks and releases WETH10 through the router; a permit saves the separate approval.
contract CCIPWETH10Bridge is LockReleaseBridge {
    constructor(address owner, address router, IERC20 weth10) LockReleaseBridge(owner, router, weth10) {}

    /// @notice `bridge` with the caller's ERC-2612 permit for this bridge over `amount`.
    /// @dev A permit that somebody else has already used is no failure: the allowance it gave decides.
    function bridgeWithPermit(
        uint64 destination,
        address to,
        uint256 amount,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external payable returns (bytes32) {
        try IERC20Permit(address(token)).permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
        return bridge(destination, to, amount);
    }
}
