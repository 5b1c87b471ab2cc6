"""The OpenSubsonic face under `/rest`: it reads the protocol's parameters, calls services, and spells their answers.

`shapes` and `schema` describe answers, `encode` writes them, `envelope` wraps them; `parameters`, `credentials`
and `clients` read requests; `methods` is the table of the protocol's 87 methods, `handlers` does the implemented ones,
`app` is the ASGI application. There are no rules about music here: those are in the services.
"""
