#
# TidyFixture.pm - a rule of tools/tidy fires where it must, and only there
#
package TidyFixture;

use strict;
use warnings;
use Exporter 'import';
use Fixture;

our @EXPORT = qw($tidy fires quiet story part lines);

our $tidy = (__FILE__ =~ m{^(.*)/} ? $1 : '.') . '/../../tools/tidy';

# What tidy finds in a tree, as "path:line" where only `rule` was broken; then
# its exit status and all that it said.
sub findings {
    my ($rule, %files) = @_;
    my ($status, $output) = run($^X, $tidy, '--root', tree(%files));
    my @found = grep { !/^tidy: \d/ } split /\n/, $output;
    s/^(\S+:\d+): \Q$rule\E: \S.*$/$1/ for @found;
    return (join(' ', @found), $status, $output);
}

# fires RULE, NAME, "path:line ...", path => text, ...
sub fires {
    my ($rule, $name, $expected, @files) = @_;
    my ($found, $status, $output) = findings($rule, @files);
    check($name, $found eq $expected && $status == 1,
        "expected $expected and status 1, found status $status: $output");
}

# quiet RULE, NAME, path => text, ...
sub quiet {
    my ($rule, $name, @files) = @_;
    my ($found, $status, $output) = findings($rule, @files);
    check($name, $found eq '' && $status == 0, "status $status: $output");
}

# A file in src/ with its story; the first line of `text` is line 4.
sub story {
    my ($path, $text) = @_;
    my ($name) = $path =~ m{([^/]+)$};
    return ($path => "/*\n * $name - a fixture\n */\n$text");
}

# A function in src/task/part.c whose body begins at line 6.
sub part {
    my ($body) = @_;
    $body =~ s/^(?=[^#\n])/    /mg;
    return story('src/task/part.c', "static void part_do(int n)\n{\n$body}\n");
}

sub lines {
    my ($count, $text) = @_;
    return "$text\n" x $count;
}

1;
