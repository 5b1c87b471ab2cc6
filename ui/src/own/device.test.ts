import { expect, test } from "vitest";
import { deviceName } from "./device";

test("a browser is called after itself and what it runs on", () => {
  expect(deviceName("Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0")).toBe("Firefox, Linux");
  expect(deviceName("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1")).toBe("Safari, iPhone");
  expect(deviceName("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0")).toBe("Edge, Windows");
  expect(deviceName("")).toBe("Browser");
});
test("two browsers of one kind are told apart", () => {
  expect(deviceName("Firefox/1 Linux", ["Firefox, Linux", "Firefox, Linux 2"])).toBe("Firefox, Linux 3");
});
