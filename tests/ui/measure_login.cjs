// measure_login.cjs URL RUNS: prints, for bench/login_page, how long the page takes in a new browser each time, in milliseconds from the
// beginning of the navigation, and what goes over the wire in octets.
const { chromium } = require("@playwright/test");

const [url, runs] = process.argv.slice(2);
const kFlags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
                "--disable-sync", "--host-resolver-rules=MAP *.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"];

async function measure() {
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: kFlags });
  try {
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    await page.addInitScript(() => {
      // The time at which a person can type.
      addEventListener("focusin", (event) => {
        if (event.target?.name === "email" && window.__interactive === undefined) {
          window.__interactive = performance.now();
        }
      });
    });
    const client = await context.newCDPSession(page);
    await client.send("Network.enable");
    const types = new Map();
    const sums = { script: 0, all: 0, requests: 0 };
    client.on("Network.responseReceived", ({ requestId, type }) => types.set(requestId, type));
    client.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
      sums.all += encodedDataLength;
      sums.requests += 1;
      sums.script += types.get(requestId) === "Script" ? encodedDataLength : 0;
    });
    await page.goto(url, { waitUntil: "networkidle" });
    await page.waitForFunction(() => window.__interactive !== undefined);
    const times = await page.evaluate(() => ({
      interactive: window.__interactive,
      paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0,
    }));
    return { ...times, ...sums };
  } finally {
    await browser.close();
  }
}

(async () => {
  const results = [];
  for (let i = 0; i < Number(runs); ++i) {
    results.push(await measure());
  }
  console.log(JSON.stringify(results));
})();
