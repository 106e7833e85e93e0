// A server that echoes, by ws for node.
//
// ws_server.js    says "listening on ADDRESS"
"use strict";

const { WebSocketServer } = require("ws");

const server = new WebSocketServer({
    host: "127.0.0.1",
    port: 0,
    perMessageDeflate: { threshold: 0 },
    maxPayload: 2 ** 24,
    handleProtocols: (offered) => offered.has("chat") && "chat",
});

server.on("connection", (peer) => {
    peer.on("message", (bytes, binary) => peer.send(bytes, { binary }));
    peer.ping("asked");
});

server.on("listening", () => {
    console.log(`listening on 127.0.0.1:${server.address().port}`);
});
