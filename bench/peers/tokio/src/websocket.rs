//! Echoes messages of WebSockets, by tungstenite.

use crate::echo::{listen, run_server};
use futures_util::{SinkExt, StreamExt};
use std::io::Result;
use tokio::net::TcpStream;

async fn converse(client: TcpStream) {
    let Ok(mut peer) = tokio_tungstenite::accept_async(client).await else {
        return;
    };
    while let Some(Ok(message)) = peer.next().await {
        let data = message.is_text() || message.is_binary();
        if data && peer.send(message).await.is_err() {
            return;
        }
    }
}

async fn serve() -> Result<()> {
    let listener = listen()?;
    println!("listening {}", listener.local_addr()?.port());
    loop {
        let (client, _) = listener.accept().await?;
        client.set_nodelay(true)?;
        tokio::spawn(converse(client));
    }
}

pub fn run() {
    run_server(serve());
}
