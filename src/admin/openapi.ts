// The API's own description (OpenAPI 3.1), made of the schemas that requests are checked by.

import fastifySwagger from "@fastify/swagger";
import type { FastifyInstance } from "fastify";
import { jsonSchemaTransform } from "fastify-type-provider-zod";

const PROBLEM = {
  description: "What is wrong (RFC 9457)",
  content: {
    "application/problem+json": {
      schema: {
        type: "object",
        required: ["type", "title", "status", "detail", "code"],
        properties: {
          type: { type: "string" },
          title: { type: "string" },
          status: { type: "integer" },
          detail: { type: "string", description: "a sentence for people" },
          code: { type: "string", description: "stable, for programs" },
        },
      },
    },
  },
};

/** Must be added before the routes that it is to describe. */
export function addDescription(server: FastifyInstance, version: string): void {
  void server.register(fastifySwagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "livezone",
        version,
        description: "An authoritative DNS server whose zones follow the health of their targets",
      },
      components: {
        securitySchemes: { token: { type: "http", scheme: "bearer" } },
      },
      security: [{ token: [] }],
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => {
      const described = "openapiObject" in document ? document.openapiObject : {};
      for (const path of Object.values(described.paths ?? {})) {
        for (const operation of Object.values(path ?? {})) {
          if (typeof operation !== "object" || !("responses" in operation)) continue;
          Object.assign(operation.responses ?? {}, { default: PROBLEM });
        }
      }
      return described;
    },
  });
}

/** `GET /openapi.json`. */
export function addDescriptionRoute(server: FastifyInstance): void {
  const options = { config: { isOpen: true }, schema: { hide: true } };
  server.get("/openapi.json", options, async () => server.swagger());
}
