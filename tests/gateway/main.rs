//! x
mod changes;
mod desk;
mod forms;
mod gates;
mod requests;
mod risk;
mod threads;
