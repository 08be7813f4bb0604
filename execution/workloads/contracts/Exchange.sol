// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Pool} from "./Pool.sol";
import {Token} from "./Token.sol";

/// @title Exchange
/// @notice Pays a trader's tokens into a pool and has it swap: the one that traders allow to spend.
contract Exchange {
    function swap(Pool pool, bool firstForSecond, uint256 given) external {
        Token from = firstForSecond ? pool.first() : pool.second();
        from.transferFrom(msg.sender, address(pool), given);
        pool.swap(firstForSecond, msg.sender);
    }
}
