//! Keys in whatever format they come, and plain words where one is of the wrong kind or damaged.

mod curve;
mod form;
mod read;
mod tidy;
mod wrong;

pub(crate) use curve::{CurveKey, read_curve_keys};
pub(crate) use read::{PublicMaterial, public_half, read_any_private, read_chain, read_private, read_public};
pub(crate) use tidy::mended;
pub(crate) use wrong::{KeyError, Kind, Wanted};
