#
# Statements.pm - follows the statements of a function: what stands in what
#
# Two questions are answered: which blocks stand too deep, and which break or
# continue does not leave what its writer meant. FM_TIMEOUT, FM_SHIELD,
# FM_GROUP and the others below are loops to the compiler, so a break that
# means the loop around them ends only the block.
#
package Statements;

use strict;
use warnings;
no warnings 'recursion';
use Exporter 'import';

our @EXPORT = qw(deep_blocks lost_jumps);

my $BLOCK = qr/^FM_(?:TIMEOUT|SHIELD|GROUP|SIGMASK
                     |LOCKED|PERMIT|READING|WRITING)\w*$/x;

# The lines of the blocks that stand within exactly `limit` others.
sub deep_blocks {
    my ($file, $function, $limit) = @_;
    my ($tokens, $partner) = @$file{qw(tokens partner)};
    my $open = $function->{open};
    my (@around, @lines);

    for my $i ($open + 1 .. $partner->[$open] - 1) {
        pop @around while @around && $i > $partner->[$around[-1]];
        next if $tokens->[$i] ne '{' || !opens_block($file, $i);
        push @lines, $file->{line_of}[$i] if @around == $limit;
        push @around, $i;
    }
    return @lines;
}

# A brace opens a block of statements, or else the values of an initializer.
sub opens_block {
    my ($file, $i) = @_;
    my ($tokens, $partner) = @$file{qw(tokens partner)};
    my $before = $tokens->[$i - 1];
    return 1 if $before =~ /^(?:[;}:(]|else|do)$/;
    return 1 if $before eq '{' && opens_block($file, $i - 1);
    return 0 if $before ne ')';
    my $word = $tokens->[$partner->[$i - 1] - 1];
    return $word =~ /^[A-Za-z_]/ && $word !~ /^(?:return|sizeof)$/;
}

# [line, word, block, what is around it] of each jump that ends only a block.
sub lost_jumps {
    my ($file) = @_;
    my @lost;
    return if $file->{text} !~ /\bFM_[A-Z]/;
    statement($file, $_->{open}, [], \@lost) for @{$file->{functions}};
    return @lost;
}

# Reads one statement and returns the index after it. `around` names what it
# stands in, outermost first: loop, switch, or the name of a block macro.
sub statement {
    my ($file, $i, $around, $lost) = @_;
    my ($tokens, $partner) = @$file{qw(tokens partner)};
    my ($token, $next) = @$tokens[$i, $i + 1];
    $next = '' if !defined $next;

    if ($token eq '{') {
        my $close = $partner->[$i++];
        $i = statement($file, $i, $around, $lost) while $i < $close;
        return $close + 1;
    }
    if ($token eq 'do') {
        $i = statement($file, $i + 1, [@$around, 'loop'], $lost);
        return expression($file, $i, $around, $lost);
    }
    return after_colon($file, $i) if $token =~ /^(?:case|default)$/;
    return $i + 2 if $token =~ /^[A-Za-z_]/ && $next eq ':';
    return controlled($file, $i, $around, $lost)
        if $token =~ /^[A-Za-z_]/ && $next eq '(' && controls($file, $i);
    push @$lost, lost_jump($file, $i, $around)
        if $token =~ /^(?:break|continue)$/;
    return expression($file, $i, $around, $lost);
}

# A word and a parenthesis control the statement after them if the word says
# so, or if it is a macro with a block.
sub controls {
    my ($file, $i) = @_;
    my $word = $file->{tokens}[$i];
    my $after = $file->{tokens}[$file->{partner}[$i + 1] + 1];
    return $word =~ /^(?:if|for|while|switch)$/ || $word =~ $BLOCK
        || defined $after && $after eq '{';
}

sub controlled {
    my ($file, $i, $around, $lost) = @_;
    my ($tokens, $partner) = @$file{qw(tokens partner)};
    my $word = $tokens->[$i];
    my @inner = $word =~ $BLOCK || $word eq 'switch' ? $word
        : $word =~ /for|while|each/i ? 'loop' : ();

    $i = $partner->[$i + 1] + 1;
    return $i if $i >= @$tokens;
    $i = statement($file, $i, [@$around, @inner], $lost);
    return $i if $word ne 'if' || $i >= @$tokens || $tokens->[$i] ne 'else';
    return statement($file, $i + 1, $around, $lost);
}

sub after_colon {
    my ($file, $i) = @_;
    my ($tokens, $partner) = @$file{qw(tokens partner)};
    for (; $i < @$tokens && $tokens->[$i] ne ':'; $i++) {
        $i = $partner->[$i] if $tokens->[$i] =~ /^[([{]$/;
    }
    return $i + 1;
}

# Up to its semicolon, and into the braces of a statement expression.
sub expression {
    my ($file, $i, $around, $lost) = @_;
    my ($tokens, $partner) = @$file{qw(tokens partner)};
    for (my $depth = 0; $i < @$tokens; $i++) {
        my $token = $tokens->[$i];
        $depth += ($token eq '(') - ($token eq ')');
        return $i + 1 if $token eq ';' && $depth <= 0;
        return $i if $token eq '}';
        next if $token ne '{';
        statement($file, $i, $around, $lost) if $tokens->[$i - 1] eq '(';
        $i = $partner->[$i];
    }
    return $i;
}

sub lost_jump {
    my ($file, $i, $around) = @_;
    my $word = $file->{tokens}[$i];
    my @targets = grep { $word eq 'break' || $_ ne 'switch' } reverse @$around;
    return if !@targets || $targets[0] !~ $BLOCK;
    my ($outer) = grep { $_ !~ $BLOCK } @targets;
    return if !$outer;
    return [$file->{line_of}[$i], $word, $targets[0], $outer];
}

1;
