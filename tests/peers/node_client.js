// A client of an echoing server, by node: fetch, and an agent that keeps its
// connections.
//
//     node node_client.js URL [ROOT.pem]
"use strict";

const assert = require("assert");
const fs = require("fs");

const [url, root] = process.argv.slice(2);
const http = require(url.startsWith("https:") ? "https" : "http");
const sent = "0123456789".repeat(20000);

async function fetches() {
    const pieces = new ReadableStream({
        start(to) {
            to.enqueue(new TextEncoder().encode(sent));
            to.close();
        },
    });
    for (const body of [sent, pieces]) {
        const reply = await fetch(url, { method: "POST", body, duplex: "half" });
        assert.strictEqual(reply.status, 200);
        assert.strictEqual(await reply.text(), sent);
    }
    const several = await Promise.all([1, 2, 3, 4, 5].map(
        (i) => fetch(url + i).then((reply) => reply.status)));
    assert.deepStrictEqual(several, [200, 200, 200, 200, 200]);
}

// Settles with what was answered; known gathers the sockets.
function ask(agent, known, method, pieces) {
    return new Promise((settle, fail) => {
        const options = { agent, method, ca: root && fs.readFileSync(root) };
        const request = http.request(url, options, (reply) => {
            let got = "";
            reply.setEncoding("latin1");
            reply.on("data", (bytes) => got += bytes);
            reply.on("error", fail);
            reply.on("end", () => settle(got));
        });
        request.on("socket", (socket) => known.add(socket));
        request.on("error", fail);
        pieces.forEach((piece) => request.write(piece));
        request.end();
    });
}

async function keeps() {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 3 });
    const known = new Set();
    const asked = [];
    for (let i = 0; i < 60; i++)
        asked.push(ask(agent, known, "POST", [sent, String(i)]));
    const got = await Promise.all(asked);
    got.forEach((each, i) => assert.strictEqual(each, sent + i));
    for (const method of ["GET", "HEAD", "OPTIONS", "DELETE"])
        assert.strictEqual(await ask(agent, known, method, []), "");
    assert.strictEqual(await ask(agent, known, "PUT", ["a", "b"]), "ab");
    assert.ok(known.size <= 3, `${known.size} connections`);
    agent.destroy();
}

(root ? keeps() : fetches().then(keeps)).then(() => process.exit(0), (error) => {
    console.error(error);
    process.exit(1);
});
