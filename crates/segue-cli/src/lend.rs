//! `segue lend`: this machine's devices for programs on other machines.

use std::net::{SocketAddr, TcpListener, ToSocketAddrs};

use anyhow::{Context, Result};
use burn::server::{RemoteServer, TokenAuthorizer, WebSocketTransport};
use clap::Args;

use crate::device::{DeviceName, Opened, remote};
use crate::failure::{cannot_listen, failure};
use crate::output;

/// Lends this machine's devices to a `segue` on another machine, which asks for them as
/// `--device remote` with this one's address in `$SEGUE_REMOTE`, until it is interrupted.
///
/// What travels is not encrypted. Who knows the word in `$SEGUE_REMOTE_TOKEN` may compute here: lend in
/// a network that you trust, or through a tunnel.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The kind of device.
    #[arg(long, value_enum, default_value_t = DeviceName::Auto)]
    device: DeviceName,
    /// Some of them, by the numbers in which `segue info` lists them [default: the first].
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',')]
    devices: Vec<usize>,
    /// Address and port; 0.0.0.0 lets others in.
    #[arg(long, default_value = "127.0.0.1:7450", value_name = "HOST:PORT")]
    addr: String,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let token = std::env::var(remote::TOKEN).ok().filter(|t| !t.is_empty());
    let listener = listen(&arguments.addr, token.is_some())?;
    let address = listener
        .local_addr()
        .context("the listener has no address")?;
    let opened = arguments.device.open_all(&arguments.devices)?;
    let name = opened[0].name.name();
    let mut server = RemoteServer::new(opened.into_iter().map(|Opened { device, .. }| device));
    if let Some(token) = token {
        server = server.with_authorizer(TokenAuthorizer::new(token)?);
    }
    // For people, and for programs that chose port 0.
    output::print(&format!("{}{address} lends {name}", remote::SCHEME))?;
    server
        .serve(WebSocketTransport::from_listener(listener))
        .with_context(|| format!("lending on {address} failed"))
}

/// Listens, where strangers cannot come or must know a word.
fn listen(addr: &str, has_token: bool) -> Result<TcpListener> {
    let addresses: Vec<SocketAddr> = addr
        .to_socket_addrs()
        .map_err(|error| cannot_listen(addr, &error))?
        .collect();
    if !has_token && addresses.iter().any(|address| !address.ip().is_loopback()) {
        return Err(failure(
            format!("on `{addr}` everyone in the network could compute on this machine"),
            format!(
                "set ${} here and where the devices are used, to the same word",
                remote::TOKEN
            ),
        ));
    }
    TcpListener::bind(&addresses[..]).map_err(|error| cannot_listen(addr, &error))
}
