// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {Shares} from "./Shares.sol";

/// @title Treasury
/// @notice Coins that belong to several members; it is used behind a proxy.
contract Treasury is Initializable {
    address[] public members;

    constructor() {
        _disableInitializers();
    }

    function initialize(address[] calldata members_) external initializer {
        members = members_;
    }

    /// @notice What one member has of all coins.
    function share() external view returns (uint256) {
        return Shares.part(address(this).balance, members.length);
    }

    receive() external payable {}
}
