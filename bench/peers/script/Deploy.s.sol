// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {CCIPRouter} from "suite/CCIPRouter.sol";
import {CCIPWETH10Bridge} from "suite/CCIPWETH10Bridge.sol";
import {CCIPWETH9Bridge} from "suite/CCIPWETH9Bridge.sol";
import {MultiSig} from "suite/MultiSig.sol";
import {Multicall3} from "suite/Multicall3.sol";
import {OracleAggregator} from "suite/OracleAggregator.sol";
import {OracleProxy} from "suite/OracleProxy.sol";
import {WETH10} from "suite/WETH10.sol";
import {WETH9} from "suite/WETH9.sol";
import {Item} from "../src/Item.sol";
import {Link} from "../src/Link.sol";

/// The three cheat codes that the scripts need, without forge-std.
interface Vm {
    function startBroadcast() external;
    function stopBroadcast() external;
    function envAddress(string calldata name) external view returns (address);
}

abstract contract Script {
    bool public constant IS_SCRIPT = true;
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    function run() external {
        vm.startBroadcast();
        deploy();
        vm.stopBroadcast();
    }

    function deploy() internal virtual;
}

contract Independent is Script {
    function deploy() internal override {
        for (uint256 number = 1; number <= 10; number++) new Item(number);
    }
}

contract Chain is Script {
    function deploy() internal override {
        Link link = Link(address(0));
        for (uint256 depth = 1; depth <= 10; depth++) link = new Link(link);
    }
}

abstract contract Suite is Script {
    function seven(uint64 selector) internal returns (address owner) {
        owner = vm.envAddress("BENCH_OWNER");
        new Multicall3();
        IERC20 weth9 = IERC20(address(new WETH9()));
        IERC20 weth10 = IERC20(address(new WETH10()));
        address router = address(new CCIPRouter(owner, selector));
        new CCIPWETH9Bridge(owner, router, weth9);
        new CCIPWETH10Bridge(owner, router, weth10);
        address[] memory signers = new address[](1);
        signers[0] = owner;
        new MultiSig(signers, 1);
    }
}

contract Suite138 is Suite {
    function deploy() internal override {
        address owner = seven(138);
        new OracleProxy(owner, new OracleAggregator(owner, 8, "ETH / USD"));
    }
}

contract Suite1 is Suite {
    function deploy() internal override {
        seven(5009297550715157269);
    }
}
