// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {
    Multicall3 as CanonicalMulticall3
} from "@chainlink/contracts/src/v0.8/vendor/multicall/ebd8b64/src/Multicall3.sol";

/// @title Multicall3
/// @notice The well-known call aggregator, unchanged: only the name is bound to our build.
contract Multicall3 is CanonicalMulticall3 {}
