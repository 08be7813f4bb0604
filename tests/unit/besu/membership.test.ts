import { discardVote, forget, introduce, renderCall, voteOn, votesNeeded } from "../../../besu/membership";

const someone = "0x00000000000000000000000000000000000000a1";

it.each([
  [1, 1],
  [4, 3],
  [5, 3],
  [7, 4],
  [8, 5],
  [48, 25],
])("of %i validators more than half have to vote: %i", (validators, votes) => {
  expect(votesNeeded(validators)).toBe(votes);
});

it("says each call as an operator types it", () => {
  expect(renderCall(introduce("enode://ab@10.0.0.1:30303"))).toBe('admin_addPeer("enode://ab@10.0.0.1:30303")');
  expect(renderCall(voteOn(someone, "add"))).toBe(`qbft_proposeValidatorVote("${someone}", true)`);
  expect(renderCall(voteOn(someone, "remove"))).toBe(`qbft_proposeValidatorVote("${someone}", false)`);
  expect(renderCall(discardVote(someone))).toBe(`qbft_discardValidatorVote("${someone}")`);
  expect(renderCall(forget("enode://ab@10.0.0.1:30303"))).toBe('admin_removePeer("enode://ab@10.0.0.1:30303")');
});
