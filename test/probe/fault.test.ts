import { describe, expect, it } from "vitest";
import { type FaultStage, faultOf } from "../../src/probe/fault.ts";

// error                    local               connecting           connected; ! means hard
const TABLE = `
ECONNREFUSED connect        connect-refused!    connect-refused!     connect-reset!
ECONNRESET read             connect-reset!      connect-reset!       connect-reset!
EPIPE write                 connect-reset!      connect-reset!       connect-reset!
ETIMEDOUT connect           connect-timeout     connect-timeout      response-timeout
EHOSTUNREACH connect        prober-network      connect-unreachable  connect-unreachable
ENETUNREACH connect         prober-network      connect-unreachable  connect-unreachable
EACCES connect              prober-network      connect-unreachable  connect-unreachable
EPERM connect               prober-network      connect-unreachable  connect-unreachable
ENETDOWN connect            prober-network      prober-network       prober-network
EMFILE connect              prober-resources    prober-resources     prober-resources
ENFILE connect              prober-resources    prober-resources     prober-resources
ENOBUFS connect             prober-resources    prober-resources     prober-resources
EADDRNOTAVAIL connect       prober-resources    prober-resources     prober-resources
EADDRNOTAVAIL bind          prober-config       prober-config        prober-config
EINVAL connect              prober-config       connect-unreachable  response-closed
ERR_SOCKET_BAD_PORT none    prober-config       connect-unreachable  response-closed
`;

describe("faultOf() of a TLS handshake", () => {
  const fault = (fields: object) =>
    faultOf(Object.assign(new Error("said so"), fields), "securing");

  it.each([
    ["a reset", { code: "ECONNRESET", syscall: "read" }, "connect-reset", true, "said so"],
    [
      "what node calls a reset",
      { code: "ECONNRESET" },
      "tls-handshake",
      false,
      "closed within the TLS handshake",
    ],
    [
      "OpenSSL's reason",
      { code: "ERR_SSL_WRONG_VERSION_NUMBER", reason: "wrong version number" },
      "tls-handshake",
      false,
      "TLS: wrong version number",
    ],
    ["no reason", { code: "EPROTO", syscall: "write" }, "tls-handshake", false, "TLS: said so"],
    ["silence", { code: "ETIMEDOUT", syscall: "read" }, "tls-timeout", false, "said so"],
    ["anything else", { code: "EIO", syscall: "read" }, "tls-handshake", false, "said so"],
  ] as const)("%s", (_title, fields, code, isHard, detail) => {
    expect(fault(fields)).toEqual({ code, isHard, detail });
  });

  it("an alert after it, such as for a client certificate", () => {
    const error = Object.assign(new Error("x"), {
      code: "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED",
      reason: "tlsv13 alert certificate required",
    });
    expect(faultOf(error, "connected").code).toBe("tls-handshake");
  });
});

describe("faultOf() blames the right side", () => {
  for (const line of TABLE.trim().split("\n")) {
    const [code = "", syscall = "", ...expected] = line.split(/\s+/);
    it(`${code} of ${syscall}`, () => {
      const error = Object.assign(new Error(`${syscall} ${code}`), { code, syscall });
      const stages: readonly FaultStage[] = ["local", "connecting", "connected"];
      const seen = stages.map((stage) => faultOf(error, stage));
      expect(seen.map((fault) => `${fault.code}${fault.isHard ? "!" : ""}`)).toEqual(expected);
      for (const fault of seen) expect(fault.detail).toBe(`${syscall} ${code}`);
    });
  }

  it("something that is no error at all", () => {
    expect(faultOf("odd", "local")).toEqual({
      code: "prober-config",
      isHard: false,
      detail: "odd",
    });
  });
});
