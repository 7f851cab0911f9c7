//! The journal by itself: what is read is what was appended, or where it stops being that is known.

mod damage;
mod files;
mod model;
mod power;
mod support;
