// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {OracleAggregator} from "../src/OracleAggregator.sol";
import {OracleProxy} from "../src/OracleProxy.sol";
import {Test} from "./Test.sol";

contract OracleTest is Test {
    OracleAggregator private aggregator = new OracleAggregator(address(this), 8, "ETH / USD");
    OracleProxy private proxy = new OracleProxy(address(this), aggregator);
    address private constant reporter = address(0x4e907);

    function setUp() public {
        aggregator.grantRole(aggregator.REPORTER_ROLE(), reporter);
        vm.warp(1_000);
    }

    function report(OracleAggregator feed, uint80 round, int192 answer) private {
        vm.prank(reporter);
        feed.submit(round, answer);
    }

    function testFuzz_keepsEveryRound(int192 first, int192 second) public {
        report(aggregator, 1, first);
        vm.warp(2_000);
        report(aggregator, 2, second);

        (uint80 round, int256 answer,, uint256 updatedAt,) = aggregator.latestRoundData();
        assertEq(round, 2);
        assertEq(answer, second);
        assertEq(updatedAt, 2_000);
        (, answer,, updatedAt,) = aggregator.getRoundData(1);
        assertEq(answer, first);
        assertEq(updatedAt, 1_000);
    }

    function test_hasNoDataBeforeTheFirstRound() public {
        vm.expectRevert(abi.encodeWithSelector(OracleAggregator.NoData.selector, 0));
        aggregator.latestRoundData();
        vm.expectRevert(abi.encodeWithSelector(OracleAggregator.NoData.selector, 9));
        aggregator.getRoundData(9);
    }

    function test_aReportSentTwiceCountsOnce() public {
        report(aggregator, 1, 5);
        vm.expectRevert(abi.encodeWithSelector(OracleAggregator.WrongRound.selector, 2, 1));
        vm.prank(reporter);
        aggregator.submit(1, 5);
    }

    function test_onlyReportersReport() public {
        bytes32 role = aggregator.REPORTER_ROLE();
        vm.expectRevert(
            abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, address(this), role)
        );
        aggregator.submit(1, 5);
    }

    function test_theProxyShowsItsAggregatorsFeed() public {
        report(aggregator, 1, 42);
        (uint80 round, int256 answer,,,) = proxy.latestRoundData();
        assertEq(round, (uint256(1) << 64) | 1);
        assertEq(answer, 42);
        assertEq(proxy.decimals(), 8);
        assertEq(proxy.description(), "ETH / USD");
        assertEq(proxy.version(), 1);
    }

    function test_anUpgradeGoesOnWithHigherRoundsAndKeepsTheOldOnes() public {
        report(aggregator, 1, 42);
        (uint80 old,,,,) = proxy.latestRoundData();
        OracleAggregator next = new OracleAggregator(address(this), 8, "ETH / USD");
        next.grantRole(next.REPORTER_ROLE(), reporter);
        report(next, 1, 43);

        proxy.setAggregator(next);

        (uint80 round, int256 answer,,,) = proxy.latestRoundData();
        assertTrue(round > old);
        assertEq(answer, 43);
        (, answer,,,) = proxy.getRoundData(old);
        assertEq(answer, 42);
    }

    function test_theProxyRefusesWhatIsNoFeedOfItsKind() public {
        vm.expectRevert(abi.encodeWithSelector(OracleProxy.NotAFeed.selector, address(1)));
        proxy.setAggregator(OracleAggregator(address(1)));

        OracleAggregator other = new OracleAggregator(address(this), 18, "ETH / USD");
        vm.expectRevert(abi.encodeWithSelector(OracleProxy.OtherDecimals.selector, 8, 18));
        proxy.setAggregator(other);
    }

    function test_onlyTheOwnerUpgrades() public {
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, reporter));
        vm.prank(reporter);
        proxy.setAggregator(aggregator);
    }

    function test_tellsAPhaseThatNeverWas() public {
        vm.expectRevert(abi.encodeWithSelector(OracleProxy.NoSuchPhase.selector, 7));
        proxy.getRoundData(uint80(7) << 64);
    }
}
