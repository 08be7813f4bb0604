// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// One of ten contracts that need nothing.
contract Item {
    uint256 public immutable number;

    constructor(uint256 number_) {
        number = number_;
    }
}
