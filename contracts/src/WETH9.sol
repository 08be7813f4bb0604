// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title WETH9
/// @notice Wrapped ether with the interface and events of the token of that name on mainnet, written anew.
/// @dev Two differences, both on purpose. Errors say what is wrong. A call of an unknown function reverts, where
/// mainnet's falls through to `deposit()`, so that a `permit` that does not exist seems to succeed.
contract WETH9 {
    string public constant name = "Wrapped Ether";
    string public constant symbol = "WETH";
    uint8 public constant decimals = 18;

    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;

    event Approval(address indexed src, address indexed guy, uint256 wad);
    event Transfer(address indexed src, address indexed dst, uint256 wad);
    event Deposit(address indexed dst, uint256 wad);
    event Withdrawal(address indexed src, uint256 wad);

    error InsufficientBalance(address account, uint256 balance, uint256 needed);
    error InsufficientAllowance(address owner, address spender, uint256 allowed, uint256 needed);
    error SendFailed(address to);

    receive() external payable {
        deposit();
    }

    function deposit() public payable {
        balanceOf[msg.sender] += msg.value;
        emit Deposit(msg.sender, msg.value);
    }

    function withdraw(uint256 wad) external {
        _debit(msg.sender, wad);
        emit Withdrawal(msg.sender, wad);
        (bool sent,) = msg.sender.call{value: wad}("");
        if (!sent) revert SendFailed(msg.sender);
    }

    /// @notice All ether held here, as in the original: ether forced in counts although nobody can withdraw it.
    function totalSupply() external view returns (uint256) {
        return address(this).balance;
    }

    function approve(address guy, uint256 wad) external returns (bool) {
        allowance[msg.sender][guy] = wad;
        emit Approval(msg.sender, guy, wad);
        return true;
    }

    function transfer(address dst, uint256 wad) external returns (bool) {
        return transferFrom(msg.sender, dst, wad);
    }

    /// @notice An allowance of the largest number is never used up.
    function transferFrom(address src, address dst, uint256 wad) public returns (bool) {
        if (src != msg.sender) _spendAllowance(src, wad);
        _debit(src, wad);
        balanceOf[dst] += wad;
        emit Transfer(src, dst, wad);
        return true;
    }

    function _spendAllowance(address src, uint256 wad) private {
        uint256 allowed = allowance[src][msg.sender];
        if (allowed == type(uint256).max) return;
        if (allowed < wad) revert InsufficientAllowance(src, msg.sender, allowed, wad);
        allowance[src][msg.sender] = allowed - wad;
    }

    function _debit(address account, uint256 wad) private {
        uint256 balance = balanceOf[account];
        if (balance < wad) revert InsufficientBalance(account, balance, wad);
        balanceOf[account] = balance - wad;
    }
}
