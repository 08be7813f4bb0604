// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {LockReleaseBridge} from "./base/LockReleaseBridge.sol";

/// @title CCIPWETH9Bridge
/// @notice Locks and releases WETH9 through the router.
contract CCIPWETH9Bridge is LockReleaseBridge {
    constructor(address owner, address router, IERC20 weth9) LockReleaseBridge(owner, router, weth9) {}
}
