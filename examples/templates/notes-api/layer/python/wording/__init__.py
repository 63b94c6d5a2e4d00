"""What the functions of this example share."""


def greeting():
    return "hello"
