//! Layouts, from outside: what is read of a line, in one table that anybody can check by eye.

mod pairs;
mod real;
