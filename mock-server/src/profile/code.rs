//! Authorisation codes of any profile: whose they are, how long they live, and that they work once.

use crate::ambient::Timestamp;
use crate::store::{ExpiringMap, Weight};

/// What a code stands for.
pub(in crate::profile) trait Code {
    /// The client that it was given to.
    fn owner(&self) -> &str;
    fn expires(&self) -> Timestamp;
    /// When it was exchanged, once it was.
    fn redeemed(&mut self) -> &mut Option<Timestamp>;
}

/// The code, where this client may exchange it now; or why not.
pub(in crate::profile) fn usable<C: Code>(mut code: C, client_id: &str, now: Timestamp) -> Result<C, String> {
    if code.owner() != client_id {
        return Err(format!("this code was given to `{}`, not to `{client_id}`", code.owner()));
    }
    if let Some(redeemed) = *code.redeemed() {
        let seconds = now.0.saturating_sub(redeemed.0) / 1000;
        return Err(format!("this code was exchanged {seconds} s ago, at {}: a code works once", redeemed.rfc3339()));
    }
    if code.expires() <= now {
        return Err(format!("this code expired {} s ago", (now.0 - code.expires().0) / 1000));
    }
    Ok(code)
}

/// Marks a code as used, before tokens exist: of two requests at the same moment one alone succeeds, which this tells.
pub(in crate::profile) fn redeem<C: Code + Weight>(
    codes: &mut ExpiringMap<String, C>,
    code: &str,
    now: Timestamp,
) -> Result<(), &'static str> {
    let mark = codes.get_mut(&code.to_owned(), now).map(Code::redeemed).filter(|redeemed| redeemed.is_none());
    match mark {
        Some(redeemed) => {
            *redeemed = Some(now);
            Ok(())
        }
        None => Err("another request exchanged this code at the same moment"),
    }
}
