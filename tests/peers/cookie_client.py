"""A client with a jar in a file, by http.cookiejar: JAR URL...

Says what each URL answers, and writes the jar.
"""
import http.cookiejar
import os
import sys
import urllib.request

path, *urls = sys.argv[1:]
jar = http.cookiejar.MozillaCookieJar(path)
if os.path.exists(path):
    jar.load(ignore_discard=True, ignore_expires=True)
opener = urllib.request.build_opener(
    urllib.request.ProxyHandler({}),
    urllib.request.HTTPCookieProcessor(jar))
for url in urls:
    with opener.open(url, timeout=300) as answer:
        print(answer.read().decode("latin1"))
jar.save(ignore_discard=True)
