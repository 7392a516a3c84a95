//! Devices that other machines lend over the network: this program as their borrower.

use burn::remote::RemoteHost;

use super::Search;
use crate::panics;

/// The variable with the addresses, separated by commas.
const ADDRESSES: &str = "SEGUE_REMOTE";
/// The variable with the word that lender and borrower share.
pub(crate) const TOKEN: &str = "SEGUE_REMOTE_TOKEN";
/// How an address begins.
pub(crate) const SCHEME: &str = "ws://";

/// The devices of every machine in `$SEGUE_REMOTE`, in the order of the addresses.
pub(super) fn all() -> Search {
    let addresses = std::env::var(ADDRESSES).unwrap_or_default();
    let mut addresses = addresses
        .split(',')
        .map(str::trim)
        .filter(|a| !a.is_empty());
    let mut devices = Vec::new();
    let failed = addresses.find_map(|address| match connect(address) {
        Ok(found) => {
            devices.extend(found);
            None
        }
        Err(said) => Some(format!("{address} ({said})")),
    });
    match failed {
        Some(failed) => Search::Absent(failed),
        None if devices.is_empty() => Search::Absent(format!(
            "addresses like {SCHEME}HOST:PORT in ${ADDRESSES} (none)"
        )),
        None => Search::Found(devices),
    }
}

fn connect(address: &str) -> Result<Vec<burn::tensor::Device>, String> {
    if !address.starts_with(SCHEME) {
        return Err(format!("an address begins with {SCHEME}"));
    }
    let mut host = RemoteHost::websocket(address);
    if let Ok(token) = std::env::var(TOKEN) {
        host = host.with_credential(token);
    }
    // Burn's client panics where an address is none.
    let devices = panics::caught(move || host.devices())?;
    Ok(devices.map_err(|error| error.to_string())?.into_vec())
}
