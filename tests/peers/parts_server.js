// A server that says what parts a form has, as node's fetch reads it: the
// fetch standard's own parser; says "listening on ADDRESS".
//
// Answers with a line for each part: its name, filename, size and SHA-256.
"use strict";

const crypto = require("crypto");
const http = require("http");

async function line([name, value]) {
    const file = typeof value !== "string";
    const bytes = Buffer.from(file ? await value.arrayBuffer() : value);
    const digest = crypto.createHash("sha256").update(bytes).digest("hex");
    return `${name},${file ? value.name : "-"},${bytes.length},${digest}\n`;
}

async function answer(request, reply) {
    const body = [];
    for await (const chunk of request)
        body.push(chunk);
    const form = await new Response(Buffer.concat(body), {
        headers: { "Content-Type": request.headers["content-type"] },
    }).formData();
    reply.end((await Promise.all([...form].map(line))).join(""));
}

const server = http.createServer(answer);
server.listen(0, "127.0.0.1", () =>
    console.log(`listening on 127.0.0.1:${server.address().port}`));
