// A client of an echoing server of WebSockets, by ws for node.
//
// ws_client.js URL
"use strict";

const assert = require("assert");
const { once } = require("events");
const { randomBytes } = require("crypto");
const { WebSocket } = require("ws");

async function echoes(url) {
    const peer = new WebSocket(url);
    await once(peer, "open");
    for (const size of [0, 1, 125, 126, 127, 65535, 65536, 300000]) {
        const sent = randomBytes(size);
        peer.send(sent.subarray(0, size / 2), { fin: false });
        peer.send(sent.subarray(size / 2));
        const [bytes, binary] = await once(peer, "message");
        assert(binary && bytes.equals(sent), `${size}`);
        peer.send("\u03ba".repeat(size));
        const [text] = await once(peer, "message");
        assert.strictEqual(text.toString(), "\u03ba".repeat(size));
    }
    peer.ping("asked");
    assert.strictEqual((await once(peer, "pong"))[0].toString(), "asked");
    peer.close(4000, "done");
    assert.strictEqual((await once(peer, "close"))[0], 4000);
}

echoes(process.argv[2]).catch((error) => {
    console.error(error);
    process.exit(1);
});
