//! All tests that look at the program from outside, in one binary.
//!
//! What tests one module stands beside that module; here stands what needs several, the
//! whole repository, or the program as a user runs it.

// The binary: as a user runs it.
mod binary;
// The documents: that their commands give what they show.
mod documents;
// The formats: lines as programs write them, each with what must be understood of it.
mod formats;
// The layouts: what is read of lines of every kind.
mod layouts;
// The golden answers: what the program says of the sample incident, word by word.
mod golden;
// The rules of the house: order of modules, imports, sizes, words.
mod house;
// The picture in the README: that it shows what the program says today.
mod picture;
// The program as a user runs it.
mod program;
// The sample bundles: that they are what their README says.
mod samples;
// Planted faults: that they are found, and that nothing else is.
mod scenarios;
