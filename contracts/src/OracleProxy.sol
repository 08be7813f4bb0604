// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AggregatorV3Interface} from "@chainlink/contracts/src/v0.8/shared/interfaces/AggregatorV3Interface.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

/// @title OracleProxy
/// @notice A feed's lasting address. Its owner may point it at another aggregator; the old rounds stay readable.
/// @dev A round id is the phase (one for each aggregator so far) in the upper 16 bits above the aggregator's own
/// 64-bit round, as in Chainlink's proxies, so that ids grow across upgrades.
contract OracleProxy is AggregatorV3Interface, Ownable2Step {
    uint8 private constant PHASE_OFFSET = 64;

    uint16 public phaseId;
    mapping(uint16 phaseId => AggregatorV3Interface) public phaseAggregators;

    event AggregatorSet(uint16 indexed phaseId, address indexed aggregator);

    error NotAFeed(address aggregator);
    error OtherDecimals(uint8 current, uint8 proposed);
    error NoSuchPhase(uint16 phaseId);

    /// @dev The first aggregator is not called: its address is known before it is deployed, perhaps after this one.
    constructor(address owner, AggregatorV3Interface aggregator_) Ownable(owner) {
        _setAggregator(aggregator_);
    }

    /// @notice Points the proxy at another aggregator of the same number of decimals.
    function setAggregator(AggregatorV3Interface next) external onlyOwner {
        uint8 current = aggregator().decimals();
        if (address(next).code.length == 0) revert NotAFeed(address(next));
        if (next.decimals() != current) revert OtherDecimals(current, next.decimals());
        _setAggregator(next);
    }

    function aggregator() public view returns (AggregatorV3Interface) {
        return phaseAggregators[phaseId];
    }

    function decimals() external view returns (uint8) {
        return aggregator().decimals();
    }

    function description() external view returns (string memory) {
        return aggregator().description();
    }

    function version() external view returns (uint256) {
        return aggregator().version();
    }

    /// @inheritdoc AggregatorV3Interface
    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        (uint80 round, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredIn) =
            aggregator().latestRoundData();
        return (_withPhase(phaseId, round), answer, startedAt, updatedAt, _withPhase(phaseId, answeredIn));
    }

    /// @inheritdoc AggregatorV3Interface
    function getRoundData(uint80 roundId) external view returns (uint80, int256, uint256, uint256, uint80) {
        uint16 phase = uint16(roundId >> PHASE_OFFSET);
        AggregatorV3Interface source = phaseAggregators[phase];
        if (address(source) == address(0)) revert NoSuchPhase(phase);
        (uint80 round, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredIn) =
            source.getRoundData(uint64(roundId));
        return (_withPhase(phase, round), answer, startedAt, updatedAt, _withPhase(phase, answeredIn));
    }

    function _setAggregator(AggregatorV3Interface next) private {
        phaseAggregators[++phaseId] = next;
        emit AggregatorSet(phaseId, address(next));
    }

    function _withPhase(uint16 phase, uint80 round) private pure returns (uint80) {
        return (uint80(phase) << PHASE_OFFSET) | uint64(round);
    }
}
