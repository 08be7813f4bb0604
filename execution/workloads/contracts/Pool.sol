// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Token} from "./Token.sol";

/// @title Pool
/// @notice Swaps two tokens by the constant product, with a fee of 0.3%. What is given has been paid in before.
contract Pool {
    Token public immutable first;
    Token public immutable second;

    uint112 private _firstReserve;
    uint112 private _secondReserve;

    event Swap(address indexed trader, bool firstForSecond, uint256 given, uint256 taken);

    constructor(Token first_, Token second_) {
        first = first_;
        second = second_;
    }

    /// @notice Takes what has been paid in as the reserves.
    function sync() external {
        _firstReserve = uint112(first.balanceOf(address(this)));
        _secondReserve = uint112(second.balanceOf(address(this)));
    }

    function swap(bool firstForSecond, address to) external returns (uint256 taken) {
        (Token from, Token wanted) = firstForSecond ? (first, second) : (second, first);
        (uint256 have, uint256 want) =
            firstForSecond ? (_firstReserve, _secondReserve) : (_secondReserve, _firstReserve);
        uint256 given = from.balanceOf(address(this)) - have;
        uint256 net = given * 997;
        taken = net * want / (have * 1000 + net);
        (have, want) = (have + given, want - taken);
        (_firstReserve, _secondReserve) =
            firstForSecond ? (uint112(have), uint112(want)) : (uint112(want), uint112(have));
        wanted.transfer(to, taken);
        emit Swap(to, firstForSecond, given, taken);
    }
}
