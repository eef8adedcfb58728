//! The program as a user runs it: the real binary, real files, its words and its exit code.
//!
//! Each test has a desk of its own ([`desk`]) with a cache of its own, so that tests stand
//! side by side and nothing of the machine or of another test shows in an answer.

// All kinds of packing.
mod archives;
// Asking for requests: what is pasted, joined, saved, counted.
mod asking;
// The care of a store, and several processes at one.
mod care;
// Every command, its formats and flags.
mod commands;
// A scratch directory in which the program is run.
mod desk;
// Logs that are followed while they are written.
mod following;
// Logs that grow, turn over and change between two runs.
mod growing;
// Requests that are known by several ids.
mod identities;
// Files that are no good logs.
mod inputs;
// Runs that are ended before their time.
mod interrupts;
// What was typed or defined wrongly.
mod mistakes;
// Definitions of formats, a user's own among them.
mod parsers;
// `tail` as a service.
mod services;
// Stores of all conditions.
mod stores;
// What reaches a terminal, and what does not.
mod terminal;
