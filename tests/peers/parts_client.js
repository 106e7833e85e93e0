// Sends a form as browsers do, by node's fetch, and says what is answered.
//
//     node parts_client.js URL TITLE FILENAME PATH
"use strict";

const fs = require("fs");

const [url, title, filename, path] = process.argv.slice(2);

async function send() {
    const form = new FormData();
    form.append("title", title);
    form.append("photo", new Blob([fs.readFileSync(path)]), filename);
    const reply = await fetch(url, { method: "POST", body: form });
    process.stdout.write(`${reply.status} ${await reply.text()}`);
}

send();
