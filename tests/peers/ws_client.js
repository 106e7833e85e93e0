// A client of an echoing server of WebSockets, by ws for node.
//
// ws_client.js URL [compress]    whether the server does
"use strict";

const assert = require("assert");
const { once } = require("events");
const { randomBytes } = require("crypto");
const { WebSocket } = require("ws");

const compressing = process.argv[3] === "compress";

const WAYS = [
    false,
    true,
    { threshold: 0 },
    { threshold: 0, serverNoContextTakeover: true },
    { threshold: 0, clientNoContextTakeover: true, clientMaxWindowBits: 9 },
    { threshold: 0, serverMaxWindowBits: 10, clientMaxWindowBits: true },
];

async function echoes(url, perMessageDeflate) {
    const peer = new WebSocket(url, { perMessageDeflate });
    await once(peer, "open");
    assert.strictEqual(peer.extensions !== "", compressing && perMessageDeflate !== false);
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

// One byte more than the server's limit of a MiB, by a part of its own: of what
// comes behind a refusal a server reads so much and no more.
async function isTooLarge(url, perMessageDeflate) {
    const peer = new WebSocket(url, { perMessageDeflate });
    await once(peer, "open");
    peer.send(Buffer.alloc(2 ** 20, "x"));
    const [bytes] = await once(peer, "message");
    assert.strictEqual(bytes.length, 2 ** 20);
    peer.send(Buffer.alloc(2 ** 20, "x"), { fin: false });
    peer.send("x");
    assert.strictEqual((await once(peer, "close"))[0], 1009);
}

async function main(url) {
    for (const way of WAYS) {
        await echoes(url, way);
        await isTooLarge(url, way);
    }
}

main(process.argv[2]).catch((error) => {
    console.error(error);
    process.exit(1);
});
