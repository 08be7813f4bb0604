// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AggregatorV3Interface} from "@chainlink/contracts/src/v0.8/shared/interfaces/AggregatorV3Interface.sol";

/// @title Position
/// @notice Opens a position at the price of a feed: a reader of an oracle.
contract Position {
    mapping(address => int256) public entry;

    function open(AggregatorV3Interface feed, int256 amount) external {
        (, int256 answer,,,) = feed.latestRoundData();
        entry[msg.sender] = answer * amount;
    }
}
