// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AggregatorV3Interface} from "@chainlink/contracts/src/v0.8/shared/interfaces/AggregatorV3Interface.sol";
import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";

/// @title OracleAggregator
/// @notice A price feed: reporters add one answer a round, and every round stays readable.
contract OracleAggregator is AggregatorV3Interface, AccessControl {
    struct Round {
        int192 answer;
        uint64 updatedAt;
    }

    bytes32 public constant REPORTER_ROLE = keccak256("REPORTER_ROLE");
    uint256 public constant version = 1;
    uint8 public immutable decimals;
    string public description;

    uint80 public latestRound;
    mapping(uint80 roundId => Round) private _rounds;

    event AnswerUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt);

    error NoData(uint80 roundId);
    error WrongRound(uint80 expected, uint80 given);

    constructor(address owner, uint8 decimals_, string memory description_) {
        decimals = decimals_;
        description = description_;
        _grantRole(DEFAULT_ADMIN_ROLE, owner);
    }

    /// @notice Records the answer of the next round.
    /// @param roundId must be the latest round plus one, so that a report sent twice counts once.
    function submit(uint80 roundId, int192 answer) external onlyRole(REPORTER_ROLE) {
        if (roundId != latestRound + 1) revert WrongRound(latestRound + 1, roundId);
        latestRound = roundId;
        _rounds[roundId] = Round(answer, uint64(block.timestamp));
        emit AnswerUpdated(answer, roundId, block.timestamp);
    }

    /// @inheritdoc AggregatorV3Interface
    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return getRoundData(latestRound);
    }

    /// @inheritdoc AggregatorV3Interface
    function getRoundData(uint80 roundId) public view returns (uint80, int256, uint256, uint256, uint80) {
        Round memory round = _rounds[roundId];
        if (round.updatedAt == 0) revert NoData(roundId);
        return (roundId, round.answer, round.updatedAt, round.updatedAt, roundId);
    }
}
