// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20FlashMint} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20FlashMint.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";

/// @title WETH10
/// @notice Wrapped ether with permits (ERC-2612) and free flash mints (ERC-3156).
contract WETH10 is ERC20, ERC20Permit, ERC20FlashMint {
    /// @dev The limit that WETH10's specification sets to flash mints; nested ones add up in the total supply.
    uint256 private constant SUPPLY_LIMIT = type(uint112).max;

    constructor() ERC20("Wrapped Ether v10", "WETH10") ERC20Permit("Wrapped Ether v10") {}

    receive() external payable {
        _mint(msg.sender, msg.value);
    }

    function deposit() external payable {
        _mint(msg.sender, msg.value);
    }

    function depositTo(address to) external payable {
        _mint(to, msg.value);
    }

    function withdraw(uint256 value) external {
        _unwrap(msg.sender, payable(msg.sender), value);
    }

    function withdrawTo(address payable to, uint256 value) external {
        _unwrap(msg.sender, to, value);
    }

    function withdrawFrom(address from, address payable to, uint256 value) external {
        if (from != msg.sender) _spendAllowance(from, msg.sender, value);
        _unwrap(from, to, value);
    }

    function maxFlashLoan(address token) public view override returns (uint256) {
        uint256 supply = totalSupply();
        return token == address(this) && supply < SUPPLY_LIMIT ? SUPPLY_LIMIT - supply : 0;
    }

    function _unwrap(address from, address payable to, uint256 value) private {
        _burn(from, value);
        Address.sendValue(to, value);
    }
}
