// What a person does with the page, and what must then be there. Each check gets a page that was just opened.
const assert = require("node:assert");

const open = (page, id) => page.click(`#list a[data-run="${id}"]`).then(() => page.waitForSelector(".ladder svg"));
const PASSED = "teardown/four_way_close[ipv4]@6.1";
const BAD = "teardown/bad_line@6.12";

const arrow = (page, label) => page.locator(".arrow", { hasText: label }).first();
const inked = (page, selector) => page.locator(selector).count();

// Over the shaft of the arrow itself: its box is mostly empty.
async function hover(page, item) {
  await item.scrollIntoViewIfNeeded();
  const at = await item.locator(".hit").evaluate((path) => {
    const middle = path.getPointAtLength(path.getTotalLength() * 0.8), matrix = path.getScreenCTM();
    return { x: middle.x * matrix.a + middle.y * matrix.c + matrix.e, y: middle.x * matrix.b + middle.y * matrix.d + matrix.f };
  });
  await page.mouse.move(at.x, at.y);
}

exports.checks = {
  async "the list has every run"(page) {
    assert.equal(await page.locator("#list li").count(), 5);
    assert.match(await page.textContent("#cases h2"), /5 runs of 5/);
  },

  async "a filter narrows the list and stands in the URL"(page) {
    await page.click('button[data-outcome="fail"]');
    assert.equal(await page.locator("#list li").count(), 2);
    assert.match(page.url(), /#outcome=fail/);
    await page.reload();
    assert.equal(await page.locator("#list li").count(), 2);
    await page.goBack();
    assert.equal(await page.locator("#list li").count(), 5);
  },

  async "words are searched while they are typed"(page) {
    await page.keyboard.press("/");
    await page.keyboard.type("netem");
    assert.equal(await page.locator("#list li").count(), 1);
    assert.equal(await page.inputValue("#search"), "netem");
    assert.match(page.url(), /q=netem/);
  },

  async "a cell of subject and kernel narrows the list"(page) {
    await page.locator(".matrix tr", { hasText: "teardown" }).locator("button").first().click();
    assert.match(page.url(), /subject=teardown&kernel=6\.1/);
    assert.equal(await page.locator("#list li").count(), 1);
  },

  async "an arc of the diagram shows the runs that took it"(page) {
    const badge = (key) => page.textContent(`.arc[data-arc="${key}"] .badge-text`);
    assert.equal(await badge("FIN_WAIT_2 TIME_WAIT"), "1");
    assert.equal(await badge("SYN_SENT SYN_RCVD"), "0");
    assert.equal(await inked(page, '.arc.never[data-arc="SYN_SENT SYN_RCVD"]'), 1);
    await page.locator('.arc[data-arc="FIN_WAIT_1 CLOSING"]').focus();
    await page.keyboard.press("Enter");
    assert.equal(await page.locator("#list li").count(), 1);
  },

  async "a case shows its source with the results of its steps"(page) {
    await open(page, PASSED);
    const line = page.locator(".line", { hasText: "send(c, 1)" });
    assert.match(await line.locator(".came").textContent(), /EPIPE/);
    assert.match(await page.textContent("#repeat"), /^tcpwitness run /);
  },

  async "the ladder has states, segments, calls and a folded minute"(page) {
    await open(page, PASSED);
    assert.equal(await inked(page, ".arrow"), 9);
    assert.equal(await inked(page, ".band.TIME_WAIT"), 1);
    assert.match(await page.textContent(".ladder"), /connect\(c, server:7000\) = 0/);
    assert.ok((await page.locator(".fold").allTextContents()).some((text) => /60\.\d+s/.test(text)));
  },

  async "a lost segment ends in a cross and a forged one is marked"(page) {
    await open(page, BAD);
    assert.equal(await inked(page, ".arrow.lost .cross"), 1);
    assert.match(await page.textContent(".arrow.lost"), /lost: drop/);
    assert.match(await page.textContent(".arrow.forged"), /forged/);
    assert.equal(await inked(page, ".arrow.whole .cross"), 0);
    assert.ok(await inked(page, ".band.inferred") > 0);
  },

  async "hovering a segment highlights the state change and the line"(page) {
    await open(page, PASSED);
    await hover(page, arrow(page, "FIN ACK seq=1 ack=1"));
    assert.equal(await inked(page, ".band.CLOSE_WAIT.hot"), 1);
    assert.equal(await inked(page, ".band.LAST_ACK.hot"), 0);
    assert.match(await page.textContent(".line.hot"), /shutdown\(c, SHUT_WR\)/);
    assert.match(await page.textContent(".told"), /ESTABLISHED -> CLOSE_WAIT/);
    await page.mouse.move(2, 2);
    assert.equal(await inked(page, ".hot"), 0);
  },

  async "an expectation highlights the events that prove it"(page) {
    await open(page, PASSED);
    await page.locator(".findings li").first().hover();
    assert.ok(await inked(page, ".evidence") > 0);
  },

  async "a failure says what was expected and what was observed"(page) {
    await open(page, BAD);
    assert.match(await page.textContent(".findings"), /expected.*TIME_WAIT.*observed.*CLOSED/s);
    assert.match(await page.textContent(".reason"), /CLOSED where TIME_WAIT/);
  },

  async "the path of the run is drawn at both ends"(page) {
    await open(page, PASSED);
    assert.equal(await inked(page, '.arc[data-arc="ESTABLISHED FIN_WAIT_1"] .client'), 2);
    assert.equal(await inked(page, '.arc[data-arc="CLOSE_WAIT LAST_ACK"] path.server'), 1);
    assert.equal(await inked(page, '.arc[data-arc="FIN_WAIT_1 CLOSING"] path.client'), 0);
  },

  async "the ladder can be zoomed"(page) {
    await open(page, PASSED);
    const width = () => page.locator(".ladder svg").evaluate((svg) => svg.getBoundingClientRect().width);
    const before = await width();
    await page.click('button[aria-label="Larger"]');
    assert.ok(await width() > before * 1.2);
    await page.keyboard.press("-");
    assert.ok(Math.abs(await width() - before) < 2);
  },

  async "everything can be done with the keyboard"(page) {
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".ladder svg, .reason");
    assert.match(page.url(), /case=/);
    await page.keyboard.press("Escape");
    await page.waitForSelector("#list");
    await open(page, PASSED);
    await page.mouse.move(2, 2);
    assert.equal(await inked(page, ".item.hot"), 0);
    await page.keyboard.press("j");
    assert.ok(await inked(page, ".item.hot") > 0);
  },

  async "light and dark follow the system and the button"(page) {
    const back = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const light = await back();
    await page.emulateMedia({ colorScheme: "dark" });
    await page.waitForFunction((was) => getComputedStyle(document.documentElement).backgroundColor !== was, light);
    const dark = await back();
    await page.reload();
    assert.equal(await back(), dark, "from the first moment on");
    await page.click("#theme");
    assert.equal(await back(), light);
    // Browsers write what a page stores a moment later.
    for (let tries = 0; tries < 20; ++tries) {
      await page.reload();
      if (await back() === light) break;
    }
    assert.equal(await back(), light, "what a person chose is kept");
  },

  async "a phone needs no sideways scrolling of the page"(page) {
    await page.setViewportSize({ width: 390, height: 800 });
    const overflow = () => page.evaluate(() => document.scrollingElement.scrollWidth - innerWidth);
    assert.ok(await overflow() <= 0);
    await open(page, PASSED);
    assert.ok(await overflow() <= 0);
    assert.ok(await page.locator(".ladder").evaluate((box) => box.scrollWidth - box.clientWidth) <= 0, "the ladder fits");
  },

  async "a claim has its sentence and opens a run that showed it"(page) {
    assert.equal(await page.locator(".claims > li").count(), 25);
    assert.match(await page.textContent('[data-claim="C01"]'), /listen\(\) takes a socket from CLOSED to LISTEN.*not shown/);
    const shown = page.locator('[data-claim="C07"]');
    assert.match(await shown.textContent(), /close\(\) sends FIN: ESTABLISHED to FIN_WAIT_1.*shown by/);
    await shown.locator("a").click();
    await page.waitForSelector(".ladder svg");
    assert.equal(new URLSearchParams(page.url().split("#")[1]).get("case"), PASSED);
  },

  async "a claim's button lists the runs that name it"(page) {
    await page.locator('[data-claim="C07"] button').click();
    assert.match(page.url(), /claim=C07/);
    assert.match(await page.textContent("#cases h2"), /with claim C07/);
  },

  async "a cell of state and event opens a run that showed it"(page) {
    assert.equal(await page.locator('.events th[scope="row"]').count(), 11);
    assert.equal(await page.locator('.events th[scope="col"]').count(), 1 + 18);
    const columns = await page.locator(".events thead th").allTextContents();
    const row = page.locator(".events tbody tr", { has: page.locator('th:text-is("TIME_WAIT")') });
    const cell = row.locator("td").nth(columns.indexOf("time-out") - 1);
    assert.match(await cell.textContent(), /→ CLOSED/);
    assert.ok(await inked(page, ".events .unseen") > 100);
    await cell.locator("a").click();
    await page.waitForSelector(".ladder svg");
    assert.equal(new URLSearchParams(page.url().split("#")[1]).get("case"), PASSED);
  },

  async "a cell that cannot be says why, with the keyboard too"(page) {
    assert.equal(await inked(page, ".events .impossible"), 7);
    const cell = page.locator(".events .impossible").first();
    assert.equal(await cell.innerText(), "cannot be");
    await cell.locator("summary").focus();
    await page.keyboard.press("Enter");
    assert.match(await cell.innerText(), /no sequence number is expected/);
  },

  async "on a phone the table scrolls in its own box"(page) {
    await page.setViewportSize({ width: 390, height: 800 });
    assert.ok(await page.evaluate(() => document.scrollingElement.scrollWidth - innerWidth) <= 0);
    const box = page.locator(".events");
    assert.ok(await box.evaluate((element) => element.scrollWidth > element.clientWidth));
    await box.focus();
    await page.keyboard.press("ArrowRight");
    await page.waitForFunction(() => document.querySelector(".events").scrollLeft > 0);
  },

  async "text of a case is text"(page) {
    await open(page, PASSED);
    assert.equal(await page.locator("main script, main img").count(), 0);
  },
};

// What is taken out of the page, and the check that must notice.
exports.removals = [
  ['    has("claim", run.claims) && has("arc", run.arcs) &&', "    ", "an arc of the diagram shows the runs that took it"],
  ['return is("outcome", run.outcome) &&', "return", "a filter narrows the list and stands in the URL"],
  ["history.pushState", "(() => {})", "a filter narrows the list and stands in the URL"],
  ["words.every(", "[].every(", "words are searched while they are typed"],
  ["this.point([...item.events, ...(item.changes || []),", "this.point([...item.events,", "hovering a segment highlights the state change and the line"],
  ["line.steps.includes(item.step)", "false", "hovering a segment highlights the state change and the line"],
  ["picture.folds.map(", "[].map(", "the ladder has states, segments, calls and a folded minute"],
  ['lost ? draw("path", { class: "cross"', 'false ? draw("path", { class: "cross"', "a lost segment ends in a cross and a forged one is marked"],
  ['this.point(finding.events, "evidence")', "undefined", "an expectation highlights the events that prove it"],
  ["...steps.map(stepMark)", "", "a case shows its source with the results of its steps"],
  ['on(1) ? draw("path", { class: "server"', 'false ? draw("path", { class: "server"', "the path of the run is drawn at both ends"],
  ["story.zoomed * factor", "story.zoomed", "the ladder can be zoomed"],
  ["openStory.step(1)", "undefined", "everything can be done with the keyboard"],
  ["follow();\n", "", "light and dark follow the system and the button"],
  ['make("p", {}, claim.text)', "null", "a claim has its sentence and opens a run that showed it"],
  ['setFilter("claim", claim.id)', "undefined", "a claim's button lists the runs that name it"],
  ["href: caseAddress(answer.run)", "tabindex: 0", "a cell of state and event opens a run that showed it"],
  ['"cannot be"), cell.impossible', '"cannot be")', "a cell that cannot be says why, with the keyboard too"],
  ["scroll events", "events", "on a phone the table scrolls in its own box"],
  ["tiny = room < 520", "tiny = false", "a phone needs no sideways scrolling of the page"],
];
